#pragma once

#include <cstdint>
#include <string>

#include "base/settings.h"

namespace caprock::providers {

/// `[embeddings]`: the model inside. Nothing is loaded before the first text is embedded.
struct LocalEmbedderSettings {
  std::string model = "minilm";
  std::string variant = "auto";
  std::int64_t threads = 0;
  std::int64_t max_tokens = 0;
  std::int64_t queue = 256;
  std::string library_dir;
  std::string models_dir;

  base::SettingsSection describe();
};

}  // namespace caprock::providers
