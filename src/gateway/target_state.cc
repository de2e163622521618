#include "gateway/target_state.h"

#include "base/log.h"

namespace caprock::gateway {

TargetState::TargetState(Target target, const BreakerSettings& settings,
                         std::shared_ptr<aws::RetryQuota> quota, base::MetricRegistry& metrics,
                         std::shared_ptr<std::atomic<int>> series)
    : target_(std::move(target)),
      settings_(settings),
      quota_(std::move(quota)),
      metrics_(metrics),
      series_(std::move(series)) {}

bool TargetState::allow(base::MonoTime now) {
  const std::lock_guard lock(mutex_);
  return breaker_.allow(settings_, now);
}

bool TargetState::would_allow(base::MonoTime now) const {
  const std::lock_guard lock(mutex_);
  return breaker_.would_allow(now);
}

Breaker::State TargetState::breaker(base::MonoTime now) const {
  const std::lock_guard lock(mutex_);
  return breaker_.state(now);
}

void TargetState::succeeded() {
  bool closed = false;
  {
    const std::lock_guard lock(mutex_);
    closed = breaker_.succeeded();
  }
  if (closed) tell(false, {});
}

void TargetState::failed(base::MonoTime now, std::string_view reason) {
  bool opened = false;
  {
    const std::lock_guard lock(mutex_);
    opened = breaker_.failed(settings_, now);
  }
  if (opened) tell(true, reason);
}

void TargetState::abandoned(base::MonoTime now) {
  const std::lock_guard lock(mutex_);
  breaker_.abandoned(now);
}

void TargetState::tell(bool open, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (shown_ == nullptr && series_->fetch_sub(1) > 0) {
    const base::MetricLabels labels{
        {"provider", target_.provider}, {"region", target_.region}, {"model", target_.model}};
    shown_ = &metrics_.gauge("caprock_breaker_open",
                             "Targets that are not asked because they failed: 1 while so.", labels);
    opened_ = &metrics_.counter("caprock_breaker_opened_total",
                                "Times that a target failed too often in a row.", labels);
  }
  if (shown_ != nullptr) shown_->set(open ? 1 : 0);
  if (opened_ != nullptr && open) opened_->add();
  base::log(open ? base::LogLevel::kWarn : base::LogLevel::kInfo,
            open ? "a model target failed too often in a row and rests" : "a model target answers again",
            {{"target", target_.id}, {"region", target_.region}, {"reason", reason}});
}

TargetStates::TargetStates(BreakerSettings breaker, int quota_capacity, base::MetricRegistry& metrics,
                           std::size_t most)
    : breaker_(breaker), metrics_(metrics), most_(most), quotas_(quota_capacity, most) {}

std::shared_ptr<TargetState> TargetStates::of(const Target& target) {
  std::string name = target.provider + '\0' + target.account + '\0' + target.region + '\0' + target.model;
  const std::lock_guard lock(mutex_);
  if (const auto found = states_.find(name); found != states_.end()) return found->second;
  auto fresh = std::make_shared<TargetState>(
      target, breaker_, quotas_.of(target.account, target.region, target.model), metrics_, series_);
  const base::MonoTime never{};
  if (states_.size() >= most_)
    std::erase_if(states_, [&](const auto& entry) {
      return entry.second.use_count() == 1 && entry.second->breaker(never) == Breaker::State::kClosed;
    });
  // Without a place in the table it serves this plan alone.
  if (states_.size() < most_) states_.emplace(std::move(name), fresh);
  return fresh;
}

}  // namespace caprock::gateway
