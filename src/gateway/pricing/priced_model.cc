#include "gateway/pricing/priced_model.h"

#include "base/log.h"

namespace caprock::gateway {

using Result = base::Result<std::unique_ptr<llm::ChatStream>>;

class PricedModel::Stream final : public llm::ChatStream {
 public:
  Stream(const PricedModel& owner, std::string model, std::unique_ptr<llm::ChatStream> inner)
      : owner_(owner), model_(std::move(model)), inner_(std::move(inner)) {}
  base::Awaitable<base::Result<std::optional<llm::StreamEvent>>> next() override {
    auto event = co_await inner_->next();
    if (event && *event)
      if (auto* metadata = std::get_if<llm::StreamMetadata>(&**event)) owner_.price(model_, *metadata);
    co_return event;
  }

 private:
  const PricedModel& owner_;
  const std::string model_;
  const std::unique_ptr<llm::ChatStream> inner_;
};

PricedModel::PricedModel(llm::ChatModel& last, const Prices& prices, bool refuse_unpriced,
                         base::MetricRegistry& metrics)
    : last_(last),
      prices_(prices),
      refuse_unpriced_(refuse_unpriced),
      unpriced_(metrics.counter("caprock_unpriced_calls_total",
                                "Calls to models whose cost is not known, for want of a price.")) {}

void PricedModel::price(const std::string& model, llm::StreamMetadata& metadata) const {
  if (!metadata.usage_known || metadata.usage.billed_nano_usd) return;
  const Cost cost = prices_.cost(model, metadata.usage, metadata.service_tier);
  if (cost) {
    metadata.usage.billed_nano_usd = cost->count();
    return;
  }
  unpriced_.add();
  base::log(base::LogLevel::kDebug, "a call has no known cost", {{"reason", cost.error().message}});
}

base::Awaitable<Result> PricedModel::converse(const base::RequestContext& context, llm::ChatRequest request) {
  if (refuse_unpriced_) {
    const auto found =
        prices_.book()->prices(price_key(request.model, request.service_tier), 0, prices_.today());
    if (!found)
      co_return base::failure(base::invalid_argument(
          "model", "models without a price are refused here ([pricing] unpriced): " + found.error().message));
  }
  std::string model = request.model;
  auto outcome = co_await last_.converse(context, std::move(request));
  if (!outcome) co_return outcome;
  co_return std::make_unique<Stream>(*this, std::move(model), std::move(*outcome));
}

}  // namespace caprock::gateway
