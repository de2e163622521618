#include "app/root/model_services.h"

#include <algorithm>

#include "app/config/config.h"
#include "providers/local/local_embedder.h"
#include "providers/registry.h"

namespace caprock::app {
namespace {

// The stages of every call to a model that converses, outermost first. None yet: limits, budgets, cache,
// routing, fallback and retry are a line each.
std::vector<std::unique_ptr<gateway::ChatStage>> chat_stages() { return {}; }

}  // namespace

ModelServices::ModelServices(const ProcessSettings& settings, net::HttpClient& http)
    : router(providers::make_providers(settings.providers, {.http = http,
                                                            .own_address = settings.server.listen,
                                                            .aws = settings.aws,
                                                            .environment = process_environment()}),
             settings.providers.models, base::system_clock()),
      chat(chat_stages(), router) {}

base::Result<std::unique_ptr<llm::Embedder>> make_embedder(const ProcessSettings& settings,
                                                           const providers::ModelRouter* router) {
  if (settings.embeddings.model == "none") return nullptr;
  if (settings.embeddings.local()) return providers::LocalEmbedder::make(settings.embeddings);
  if (router != nullptr) return router->embedder(settings.embeddings.choice());
  return base::failure(base::invalid_argument(
      "embeddings.model", "[embeddings] model must be a model inside: minilm, e5 or none"));
}

std::unique_ptr<llm::Embedder> make_embedder_of(const std::string& fingerprint,
                                                const providers::EmbeddingSettings& settings,
                                                const providers::ModelRouter* router) {
  const providers::LocalEmbedderSettings& local = settings;
  if (auto inside = providers::LocalEmbedder::make_for(fingerprint, local)) return inside;
  return router == nullptr ? nullptr : router->embedder_of(fingerprint, settings.choice());
}

base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> list_models(const base::RequestContext& context,
                                                                       providers::ModelRouter& router,
                                                                       const llm::Embedder* embedder) {
  CAPROCK_CO_TRY(auto models, co_await router.models(context));
  llm::ModelInfo extractive{.id = "extractive"};
  extractive.name = "Sentences of the documents";
  extractive.provider = "caprock";
  extractive.input_nano_usd = 0;
  extractive.output_nano_usd = 0;
  models.insert(models.begin(), std::move(extractive));
  if (embedder != nullptr) {
    const llm::EmbedderInfo info = embedder->info();
    llm::ModelInfo embedding{.id = info.name};
    embedding.name = info.name;
    embedding.provider =
        info.name.find('/') == std::string::npos ? "caprock" : info.name.substr(0, info.name.find('/'));
    if (info.max_tokens != 0) embedding.context_tokens = static_cast<std::int64_t>(info.max_tokens);
    embedding.output_kinds = {"embedding"};
    const bool listed = std::ranges::any_of(models, [&](const auto& one) { return one.id == info.name; });
    if (!listed) models.insert(models.begin() + 1, std::move(embedding));
  }
  co_return models;
}

}  // namespace caprock::app
