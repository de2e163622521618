#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace caprock::gateway {

struct BreakerSettings {
  std::int64_t failures = 5;               ///< in a row that open it
  std::chrono::milliseconds open{30'000};  ///< times how often it has opened in a row
  std::chrono::milliseconds longest{300'000};
};

/// Keeps calls from a target that fails. Closed until `failures` in a row; then open for 30 s, 60 s, 90 s …;
/// after that one call at a time is let through, and its end closes the breaker or opens it again. Pure: time
/// comes in. One thread at a time.
class Breaker {
 public:
  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen };

  /// Whether a call may go. A yes in kHalfOpen is the probe, and one of the next three should follow; one
  /// that never does holds the others off for the time of an opening only.
  bool allow(const BreakerSettings& settings, base::MonoTime now);
  /// Whether `allow` would say yes, without taking the probe.
  bool would_allow(base::MonoTime now) const;
  /// The target answered; true when this closed it.
  bool succeeded();
  /// True when this opened it.
  bool failed(const BreakerSettings& settings, base::MonoTime now);
  /// The call ended without telling anything of the target: cancelled, or out of time.
  void abandoned(base::MonoTime now);

  State state(base::MonoTime now) const;
  /// When the next call may go, for kOpen.
  base::MonoTime open_until() const { return until_; }

 private:
  std::int64_t in_a_row_ = 0;
  std::int64_t opened_ = 0;  ///< without a success between
  base::MonoTime until_{};
  bool probing_ = false;
};

}  // namespace caprock::gateway
