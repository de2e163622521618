#pragma once

#include <memory>

#include "gateway/pricing/prices.h"
#include "gateway/usage.h"

namespace caprock::gateway {

/// Puts the cost into records that have none yet: native bodies, scores. What has no price stays without.
class PricedSink final : public UsageSink {
 public:
  /// `prices` must outlive it.
  PricedSink(std::unique_ptr<UsageSink> next, const Prices& prices)
      : next_(std::move(next)), prices_(prices) {}
  void record(const UsageRecord& record) override;

 private:
  const std::unique_ptr<UsageSink> next_;
  const Prices& prices_;
};

}  // namespace caprock::gateway
