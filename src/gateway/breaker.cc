#include "gateway/breaker.h"

#include <algorithm>
#include <utility>

namespace caprock::gateway {

Breaker::State Breaker::state(base::MonoTime now) const {
  if (opened_ == 0) return State::kClosed;
  return now < until_ && !probing_ ? State::kOpen : State::kHalfOpen;
}

bool Breaker::would_allow(base::MonoTime now) const { return opened_ == 0 || now >= until_; }

bool Breaker::allow(const BreakerSettings& settings, base::MonoTime now) {
  if (!would_allow(now)) return false;
  if (opened_ > 0) {
    probing_ = true;
    until_ = now + settings.open;
  }
  return true;
}

bool Breaker::succeeded() {
  const bool was_open = opened_ > 0;
  in_a_row_ = 0;
  opened_ = 0;
  probing_ = false;
  return was_open;
}

bool Breaker::failed(const BreakerSettings& settings, base::MonoTime now) {
  ++in_a_row_;
  const bool closed = opened_ == 0;
  if (closed && in_a_row_ < settings.failures) return false;
  // Calls that were on their way when it opened tell nothing new; a failed probe does.
  if (!closed && !probing_) return false;
  ++opened_;
  probing_ = false;
  until_ = now + std::min(settings.open * opened_, settings.longest);
  return true;
}

void Breaker::abandoned(base::MonoTime now) {
  if (std::exchange(probing_, false)) until_ = now;
}

}  // namespace caprock::gateway
