#pragma once

#include "base/metrics.h"
#include "gateway/pricing/prices.h"
#include "llm/chat_model.h"

namespace caprock::gateway {

/// Puts the cost of a call into the usage that its reply tells (`Usage::billed_nano_usd`), so that everybody
/// behind it reads one number: by the provider's own word, else by the prices of the day. A call without a
/// price has no cost there, is counted, and is refused where the settings say so: kInvalidArgument with field
/// "model". Stands right before whoever makes the attempt, which knows the model that is really asked.
class PricedModel final : public llm::ChatModel {
 public:
  /// `last`, `prices` and `metrics` must outlive it.
  PricedModel(llm::ChatModel& last, const Prices& prices, bool refuse_unpriced,
              base::MetricRegistry& metrics);
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request) override;

 private:
  class Stream;
  void price(const std::string& model, llm::StreamMetadata& metadata) const;

  llm::ChatModel& last_;
  const Prices& prices_;
  const bool refuse_unpriced_;
  base::Counter& unpriced_;
};

}  // namespace caprock::gateway
