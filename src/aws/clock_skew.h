#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace caprock::aws {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7, the form that servers must send), or nothing.
std::optional<base::WallTime> parse_http_date(std::string_view text);

/// How far this machine's clock is off AWS's, learnt from refusals: a signature that is more than five
/// minutes off is refused, and the refusal has the service's time in its Date. One for each endpoint. Any
/// thread.
class ClockSkew {
 public:
  /// `date` of a refusal whose class is kClockSkew. True when our time, corrected by what was known so far,
  /// was off by four minutes or more: the offset is another now, and the request is worth sending again. Else
  /// the refusal has another reason.
  bool learn(std::string_view date, base::WallTime now);
  /// The time to sign with.
  base::WallTime corrected(base::WallTime now) const { return now + offset(); }
  std::chrono::seconds offset() const {
    return std::chrono::seconds(offset_.load(std::memory_order_relaxed));
  }

 private:
  std::atomic<std::chrono::seconds::rep> offset_ = 0;
};

}  // namespace caprock::aws
