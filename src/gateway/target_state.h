#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "aws/retry.h"
#include "base/metrics.h"
#include "gateway/breaker.h"
#include "gateway/target.h"

namespace caprock::gateway {

/// What is known of one target: its breaker and its retry quota. Any thread.
class TargetState {
 public:
  /// `series`: for how many more targets there may be series of metrics.
  TargetState(Target target, const BreakerSettings& settings, std::shared_ptr<aws::RetryQuota> quota,
              base::MetricRegistry& metrics, std::shared_ptr<std::atomic<int>> series);

  bool allow(base::MonoTime now);
  bool would_allow(base::MonoTime now) const;
  void succeeded();
  void failed(base::MonoTime now, std::string_view reason);
  void abandoned(base::MonoTime now);
  Breaker::State breaker(base::MonoTime now) const;

  const Target& target() const { return target_; }
  const std::shared_ptr<aws::RetryQuota>& quota() const { return quota_; }

 private:
  void tell(bool open, std::string_view reason);

  const Target target_;
  const BreakerSettings settings_;
  const std::shared_ptr<aws::RetryQuota> quota_;
  base::MetricRegistry& metrics_;
  const std::shared_ptr<std::atomic<int>> series_;
  mutable std::mutex mutex_;
  Breaker breaker_;
  // Made when it opens for the first time: most targets never do.
  base::Gauge* shown_ = nullptr;
  base::Counter* opened_ = nullptr;
};

/// The states of everything that is called. Names come from requests, so their number is bounded: closed
/// states that nobody holds are forgotten. Any thread; one lock a shard, held for a look-up.
class TargetStates {
 public:
  TargetStates(BreakerSettings breaker, int quota_capacity, base::MetricRegistry& metrics,
               std::size_t most = 4096);
  std::shared_ptr<TargetState> of(const Target& target);

 private:
  const BreakerSettings breaker_;
  base::MetricRegistry& metrics_;
  const std::size_t most_;
  aws::RetryQuotas quotas_;
  const std::shared_ptr<std::atomic<int>> series_ = std::make_shared<std::atomic<int>>(200);
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<TargetState>> states_;
};

}  // namespace caprock::gateway
