#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/settings.h"
#include "providers/bedrock/settings.h"
#include "providers/embedding_choice.h"
#include "providers/local/settings.h"
#include "providers/openai_compatible/settings.h"

namespace caprock::providers {

/// `[models]`: what holds for every provider.
struct ModelSettings {
  std::string default_model;  ///< for requests that name none
  std::string provider;       ///< for ids without a prefix; empty: the first that is set up
  std::chrono::milliseconds request_timeout{300'000};
  std::chrono::milliseconds catalog_time{300'000};
  base::SettingsSection describe();
};

/// `[embeddings]`: the model inside, or one of a provider.
struct EmbeddingSettings : LocalEmbedderSettings {
  std::int64_t dimension = 0;
  std::int64_t batch = 0;
  std::string query_prefix;
  std::string passage_prefix;

  base::SettingsSection describe();
  /// "minilm", "e5", "none"; anything else is "provider/model".
  bool local() const { return model == "minilm" || model == "e5" || model == "none"; }
  EmbeddingChoice choice() const;
};

/// The settings of every provider. Its sections point into it.
struct ProviderSettings {
  ProviderSettings();
  ModelSettings models;
  bedrock::Settings bedrock;
  std::vector<openai::ServerSettings> servers;  ///< one a row of openai::dialects(), in its order

  std::vector<base::SettingsSection> sections();
  base::Result<void> check() const;
};

}  // namespace caprock::providers
