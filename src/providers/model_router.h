#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "providers/provider.h"
#include "providers/settings.h"

namespace caprock::providers {

/// Who serves a model, and where.
struct ModelPlace {
  std::string id;  ///< as the router takes it, the provider's prefix included
  std::string provider;
  std::string account;
  std::string region;
  std::string model;  ///< as the provider knows it
};

/// All providers as one: the model's id says whom to ask. "openai/gpt-x" goes to the provider of that name
/// when it is set up, "arn:…" to the one that owns such ids, any other id, with all its slashes, to the
/// default provider. Thread safe.
class ModelRouter final : public llm::ChatModel,
                          public llm::NativeModel,
                          public llm::ModelCatalog,
                          public llm::TokenCounter {
 public:
  /// The clock must outlive it.
  ModelRouter(std::vector<Provider> providers, ModelSettings settings, const base::Clock& clock);

  /// Errors besides the provider's: kNotFound with field "model" when there is nobody to ask.
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request) override;
  /// Whether the model's provider takes calls in Bedrock's wire format.
  bool is_native(const std::string& model, llm::NativeOperation operation) const override;
  /// Operations that name no model go to the first provider that has such calls and is set up. Errors as of
  /// converse.
  base::Awaitable<base::Result<std::unique_ptr<llm::NativeReply>>> call(const base::RequestContext& context,
                                                                        const llm::NativeCall& call) override;
  /// Of every provider that is set up, side by side, kept for a while. A provider that does not answer has
  /// the models that it had before. Never fails.
  base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> models(
      const base::RequestContext& context) override;

  /// By the model's provider, or estimated where it counts none. Errors as of converse.
  base::Awaitable<base::Result<llm::TokenCount>> count(const base::RequestContext& context,
                                                       llm::ChatRequest request) override;

  /// The embedding model that `choice.model` names, provider first. kInvalidArgument with the setting as
  /// field.
  base::Result<std::unique_ptr<llm::Embedder>> embedder(EmbeddingChoice choice) const;
  /// The one that a provider is configured with; null for none.
  llm::Reranker* reranker() const;
  /// Of the first provider that has guardrails; null for none.
  llm::Guardrail* guardrail() const;
  /// The model that made vectors of `fingerprint`, asked as `choice` says; null when it cannot be had here.
  std::unique_ptr<llm::Embedder> embedder_of(const std::string& fingerprint, EmbeddingChoice choice) const;
  /// Where a request for `model` goes; empty: the default model. kNotFound or kInvalidArgument with field
  /// "model".
  base::Result<ModelPlace> place(const std::string& model) const;
  /// Why nobody can be asked for `model`; empty: somebody can.
  std::string trouble_with(const std::string& model) const;

 private:
  struct Found {
    const Provider* provider = nullptr;  ///< null: nobody
    std::string model;                   ///< without the prefix
    std::string needs;                   ///< what would have to be set
  };
  struct Listed {
    std::vector<llm::ModelInfo> models;
    base::MonoTime at;
  };

  Found find(const std::string& model) const;
  /// Who answers `request`, whose model then is as that provider knows it. Errors as of converse.
  base::Result<const Provider*> address(llm::ChatRequest& request) const;
  const Provider* named(std::string_view name) const;
  const Provider* fallback() const;
  Found find_native(const std::string& model) const;
  base::Error nobody(const std::string& model, const Found& found) const;
  base::Awaitable<base::Result<void>> refresh(const base::RequestContext& context, const Provider& provider);
  bool fresh(const Provider& provider) const;

  const std::vector<Provider> providers_;
  const ModelSettings settings_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Listed> listed_;  ///< by the provider's name
};

}  // namespace caprock::providers
