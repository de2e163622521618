#include "gateway/embed_gateway.h"

#include <chrono>

namespace caprock::gateway {

EmbedGateway::Series EmbedGateway::series(base::MetricRegistry& metrics, const char* purpose) {
  const base::MetricLabels labels{{"purpose", purpose}};
  const std::vector<double> buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
  return {
      .texts = metrics.counter("caprock_embedded_texts_total", "Texts turned into vectors.", labels),
      .failures = metrics.counter("caprock_embedding_failures_total", "Embedding calls that failed.", labels),
      .seconds = metrics.histogram("caprock_embedding_duration_seconds", "Time of an embedding call.",
                                   buckets, labels)};
}

EmbedGateway::EmbedGateway(llm::Embedder& last, base::MetricRegistry& metrics, const Prices* prices)
    : last_(last),
      prices_(prices),
      series_{series(metrics, "query"), series(metrics, "passage"), series(metrics, "sentence")} {}

base::Awaitable<base::Result<llm::Embeddings>> EmbedGateway::embed(const base::RequestContext& context,
                                                                   std::vector<std::string> texts,
                                                                   llm::EmbedPurpose purpose) {
  Series& to = series_.at(static_cast<std::size_t>(purpose));
  const auto count = static_cast<double>(texts.size());
  const auto started = std::chrono::steady_clock::now();
  auto outcome = co_await last_.embed(context, std::move(texts), purpose);
  to.seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  if (outcome) {
    to.texts.add(count);
    price(outcome->usage);
    remember("");
  } else {
    to.failures.add();
    if (outcome.error().kind == base::ErrorKind::kUnavailable) remember(outcome.error().message);
  }
  co_return outcome;
}

// A model inside, whose name has no provider, costs nothing.
void EmbedGateway::price(llm::Usage& usage) const {
  const std::string name = last_.info().name;
  if (name.find('/') == std::string::npos) {
    usage.billed_nano_usd = 0;
  } else if (prices_ != nullptr) {
    if (const Cost cost = prices_->cost(name, usage)) usage.billed_nano_usd = cost->count();
  }
}

void EmbedGateway::remember(std::string trouble) {
  const std::lock_guard lock(mutex_);
  if (trouble_ != trouble) trouble_ = std::move(trouble);
}

std::string EmbedGateway::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace caprock::gateway
