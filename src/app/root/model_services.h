#pragma once

#include <memory>

#include "app/root/ledger_sink.h"
#include "app/root/process_settings.h"
#include "base/metrics.h"
#include "gateway/gateway.h"
#include "gateway/native_gateway.h"
#include "gateway/pricing/priced_model.h"
#include "gateway/rerank_attempts.h"
#include "net/http_client.h"
#include "providers/model_router.h"

namespace caprock::app {

/// Every model that can be asked, behind the chain that every call goes through.
struct ModelServices {
  /// All must outlive it but the settings, which are copied.
  ModelServices(const ProcessSettings& settings, net::HttpClient& http, const gateway::Prices& prices,
                base::MetricRegistry& metrics);

  /// Counts what a request would send. Outside the chain: counting costs nothing.
  llm::TokenCounter& tokens() { return router; }
  llm::Guardrail* guardrail() const { return router.guardrail(); }  ///< null for none

  providers::ModelRouter router;
  gateway::PricedModel priced;
  std::shared_ptr<LedgerDoor> ledger;
  gateway::Gateway gateway;
  // The chain as each surface sees it: its calls are recorded under its name.
  gateway::ChatDoor chat{gateway.chat(), "rest"};  ///< questions and conversations
  gateway::ChatDoor openai{gateway.chat(), "openai"};
  gateway::ChatDoor anthropic{gateway.chat(), "anthropic"};
  gateway::ChatDoor bedrock{gateway.chat(), "bedrock"};
  gateway::NativeGateway native{gateway.attempts(), gateway.sink(), router};
  std::unique_ptr<llm::Reranker> reranker;  ///< the configured one; null for none
};

/// That every alias leads to somebody who can be asked. kInvalidArgument with field "routing.aliases". What
/// else nobody can be asked for is only logged: a chain may have links that are set up later.
base::Result<void> check_routes(const ModelServices& models);

/// The configured embedding model, or null where the settings say that there is none: everything then works
/// by words alone. `router` may be null: then only the model inside can be had. Errors: those of
/// LocalEmbedder::make and of the router.
base::Result<std::unique_ptr<llm::Embedder>> make_embedder(const ProcessSettings& settings,
                                                           const providers::ModelRouter* router = nullptr);

/// The model whose vectors have this fingerprint; null when it cannot be had here.
std::unique_ptr<llm::Embedder> make_embedder_of(const std::string& fingerprint,
                                                const providers::EmbeddingSettings& settings,
                                                const providers::ModelRouter* router);

/// `model`, counted and timed like every embedding model.
std::unique_ptr<llm::Embedder> measured(std::unique_ptr<llm::Embedder> model, base::MetricRegistry& metrics,
                                        const gateway::Prices* prices = nullptr);

/// The embedding model that a client names: the configured one by its name, or a provider's. Errors:
/// kInvalidArgument and kNotFound with field "model" or "dimensions".
base::Result<std::shared_ptr<llm::Embedder>> embedder_for_client(
    const std::string& model, std::size_t dimensions, llm::Embedder* configured, ModelServices& models,
    base::MetricRegistry& metrics, const gateway::Prices& prices);

/// A provider's model, behind the gateway's attempts and account.
std::unique_ptr<llm::Embedder> governed(std::unique_ptr<llm::Embedder> model, gateway::Gateway& gateway,
                                        std::string_view surface);

/// The models of the providers and those inside, for /models.
base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> list_models(const base::RequestContext& context,
                                                                       providers::ModelRouter& router,
                                                                       const llm::Embedder* embedder,
                                                                       const gateway::Prices& prices);

}  // namespace caprock::app
