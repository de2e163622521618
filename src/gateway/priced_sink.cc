#include "gateway/priced_sink.h"

namespace caprock::gateway {
namespace {

Cost cost_of(const Prices& prices, const UsageRecord& record) {
  // Models of other providers are priced under the provider's name.
  const bool bedrock = record.provider.starts_with("bedrock");
  const std::string model = bedrock ? record.model : record.provider + "/" + record.model;
  if (record.operation != "rerank") return prices.cost(model, record.usage, {}, record.region);
  return prices.book()->cost(price_key(model, {}, record.region), {.tokens = record.usage, .searches = 1},
                             prices.today());
}

}  // namespace

void PricedSink::record(const UsageRecord& record) {
  const bool nothing = record.operation != "rerank" && record.usage.total() == 0;
  const bool failed = record.outcome != Outcome::kOk && !record.usage_known;
  if (record.usage.billed_nano_usd || record.model.empty() || nothing || failed) return next_->record(record);
  const Cost cost = cost_of(prices_, record);
  if (!cost) return next_->record(record);
  UsageRecord priced = record;
  priced.usage.billed_nano_usd = cost->count();
  next_->record(priced);
}

}  // namespace caprock::gateway
