#include "app/root/model_services.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/config/config.h"
#include "base/log.h"
#include "gateway/embed_attempts.h"
#include "gateway/embed_gateway.h"
#include "providers/local/local_embedder.h"
#include "providers/registry.h"

namespace caprock::app {
namespace {

gateway::TargetFinder finder_of(const providers::ModelRouter& router) {
  return [&router](const std::string& id) -> base::Result<gateway::Target> {
    CAPROCK_TRY(auto place, router.place(id));
    return gateway::Target{.id = std::move(place.id),
                           .provider = std::move(place.provider),
                           .account = std::move(place.account),
                           .region = std::move(place.region),
                           .model = std::move(place.model)};
  };
}

std::optional<std::int64_t> a_token(const gateway::UnitPrices& prices, gateway::Unit unit) {
  const auto& million = prices.at(static_cast<std::size_t>(unit));
  if (!million) return std::nullopt;
  return (*million + 500'000) / 1'000'000;
}

// What the provider does not say of its prices is taken from ours.
void add_price(llm::ModelInfo& model, const gateway::PriceBook& book, gateway::Day day) {
  if (model.input_nano_usd || model.output_nano_usd) return;
  const auto prices = book.prices(gateway::price_key(model.id), 0, day);
  if (!prices) return;
  model.input_nano_usd = a_token(*prices, gateway::Unit::kInput);
  model.output_nano_usd = a_token(*prices, gateway::Unit::kOutput);
}

/// A model that owns its gateway.
class Measured final : public llm::Embedder {
 public:
  Measured(std::unique_ptr<llm::Embedder> model, base::MetricRegistry& metrics, const gateway::Prices* prices)
      : model_(std::move(model)), gateway_(*model_, metrics, prices) {}
  llm::EmbedderInfo info() const override { return model_->info(); }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override {
    return gateway_.embed(context, std::move(texts), purpose);
  }

 private:
  std::unique_ptr<llm::Embedder> model_;
  gateway::EmbedGateway gateway_;
};

}  // namespace

namespace {

std::vector<std::unique_ptr<gateway::UsageSink>> sinks_to(const std::shared_ptr<LedgerDoor>& ledger) {
  std::vector<std::unique_ptr<gateway::UsageSink>> sinks;
  sinks.push_back(std::make_unique<LedgerSink>(ledger));
  return sinks;
}

}  // namespace

ModelServices::ModelServices(const ProcessSettings& settings, net::HttpClient& http,
                             const gateway::Prices& prices, base::MetricRegistry& metrics)
    : router(providers::make_providers(settings.providers, {.http = http,
                                                            .own_address = settings.server.listen,
                                                            .aws = settings.aws,
                                                            .environment = process_environment()}),
             settings.providers.models, base::system_clock()),
      priced(router, prices, settings.pricing.unpriced == "refuse", metrics),
      ledger(std::make_shared<LedgerDoor>()),
      gateway({.settings = settings.gateway,
               .last = priced,
               .find = finder_of(router),
               .default_model = settings.providers.models.default_model,
               .metrics = metrics,
               .clock = base::system_clock(),
               .prices = &prices,
               .sinks = sinks_to(ledger)}) {
  const std::string& rerank_model = settings.providers.bedrock.rerank_model;
  if (llm::Reranker* configured = router.reranker(); configured != nullptr)
    reranker = std::make_unique<gateway::RerankAttempts>(*configured, "bedrock/" + rerank_model,
                                                         gateway.attempts(), gateway.sink());
}

std::unique_ptr<llm::Embedder> governed(std::unique_ptr<llm::Embedder> model, gateway::Gateway& gateway,
                                        std::string_view surface) {
  return std::make_unique<gateway::EmbedAttempts>(std::move(model), gateway.attempts(), gateway.sink(),
                                                  surface);
}

base::Result<void> check_routes(const ModelServices& models) {
  const gateway::Routes& routes = models.gateway.routes();
  for (const auto& [alias, members] : routes.aliases()) {
    std::string trouble;
    bool somebody = false;
    for (const std::string& model : routes.of(alias)) {
      const std::string why = models.router.trouble_with(model);
      somebody = somebody || why.empty();
      if (why.empty()) continue;
      if (trouble.empty()) trouble = why;
      base::log(base::LogLevel::kWarn, "a model of a route cannot be asked",
                {{"alias", alias}, {"model", model}, {"reason", why}});
    }
    if (!somebody)
      return base::failure(base::invalid_argument(
          "routing.aliases", fmt::format("[routing] aliases: \"{}\" leads to nobody: {}", alias, trouble)));
  }
  return {};
}

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

std::unique_ptr<llm::Embedder> measured(std::unique_ptr<llm::Embedder> model, base::MetricRegistry& metrics,
                                        const gateway::Prices* prices) {
  return std::make_unique<Measured>(std::move(model), metrics, prices);
}

base::Result<std::shared_ptr<llm::Embedder>> embedder_for_client(
    const std::string& model, std::size_t dimensions, llm::Embedder* configured, ModelServices& models,
    base::MetricRegistry& metrics, const gateway::Prices& prices) {
  if (configured != nullptr) {
    const llm::EmbedderInfo info = configured->info();
    // It belongs to the root, which outlives every request.
    if (model == info.name && (dimensions == 0 || dimensions == info.dimension))
      return std::shared_ptr<llm::Embedder>(std::shared_ptr<void>(), configured);
  }
  auto made = models.router.embedder({.model = model, .dimension = dimensions});
  if (made)
    return std::shared_ptr<llm::Embedder>(
        measured(governed(std::move(*made), models.gateway, "openai"), metrics, &prices));
  base::Error error = std::move(made).error();
  const bool about_dimension = error.field == "embeddings.dimension";
  error.field = about_dimension ? "dimensions" : "model";
  if (about_dimension)
    error.message = "'dimensions' must be given for this model: nothing is known here of its vectors.";
  return base::failure(std::move(error));
}

base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> list_models(const base::RequestContext& context,
                                                                       providers::ModelRouter& router,
                                                                       const llm::Embedder* embedder,
                                                                       const gateway::Prices& prices) {
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
  const auto book = prices.book();
  for (llm::ModelInfo& model : models) add_price(model, *book, prices.today());
  co_return models;
}

}  // namespace caprock::app
