#pragma once

#include "app/cli/environment.h"
#include "app/cli/options.h"

namespace caprock::app {

// One function a command: speaks to `client`, prints to the terminal, returns the exit code.

int run_ask(ApiClient& client, const Terminal& terminal, const AskOptions& options, bool json);
int run_generate(ApiClient& client, const Terminal& terminal, const GenerateOptions& options, bool json);
int run_chat(ApiClient& client, const Terminal& terminal, const ChatOptions& options, bool json);
int run_ingest(ApiClient& client, const Terminal& terminal, const IngestOptions& options, bool json);

int run_documents_list(ApiClient& client, const Terminal& terminal, const DocumentsOptions& options,
                       bool json);
int run_documents_show(ApiClient& client, const Terminal& terminal, const DocumentsOptions& options,
                       bool json);
int run_documents_delete(ApiClient& client, const Terminal& terminal, const DocumentsOptions& options,
                         bool json);
/// `verb` is "retry" or "cancel".
int run_documents_post(ApiClient& client, const Terminal& terminal, const DocumentsOptions& options,
                       const std::string& verb, bool json);

int run_keys_create(ApiClient& client, const Terminal& terminal, const KeysOptions& options, bool json);
int run_keys_list(ApiClient& client, const Terminal& terminal, bool json);
int run_keys_revoke(ApiClient& client, const Terminal& terminal, const KeysOptions& options, bool json);

// Prices of models: in force, right, different from those of another file.
int run_prices_show(const Terminal& terminal, const gateway::PricingSettings& settings,
                    const PricesOptions& options, bool json);
int run_prices_check(const Terminal& terminal, const gateway::PricingSettings& settings,
                     const PricesOptions& options);
int run_prices_diff(const Terminal& terminal, const gateway::PricingSettings& settings,
                    const PricesOptions& options, bool json);

/// Looks at everything that a working Caprock needs and says what to do about what is missing.
int run_doctor(const CommandEnvironment& environment, const GlobalOptions& options, const Config& config);

/// The completion script of `shell` ("bash", "zsh", "fish").
std::string completion_script(const std::string& shell);

}  // namespace caprock::app
