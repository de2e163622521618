#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/settings.h"
#include "providers/openai_compatible/dialect.h"

namespace caprock::providers::openai {

/// `[openai]`, `[openrouter]`, `[vllm]`, `[llamacpp]`, `[ollama]`.
struct ServerSettings {
  std::string base_url;  ///< with its /v1; empty: where the dialect usually is
  base::Secret api_key;

  base::SettingsSection describe(const Dialect& dialect);
  std::string url(const Dialect& dialect) const;
  /// Set up to be used: it has its key, or an address of its own.
  bool configured() const { return !api_key.empty() || !base_url.empty(); }
  /// kInvalidArgument with the setting as field when base_url is no URL.
  base::Result<void> check(const Dialect& dialect) const;
};

}  // namespace caprock::providers::openai
