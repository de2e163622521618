#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace caprock::server {

/// How long to wait for the next piece of a request body: never longer than the time-out, and in all only the
/// time-out plus what the bytes so far would have taken at 1 KiB/s, so that a client that trickles ends too.
class BodyPace {
 public:
  explicit BodyPace(std::chrono::nanoseconds timeout) : timeout_(timeout) {}

  std::chrono::nanoseconds allowance() const {
    const std::chrono::nanoseconds earned = std::chrono::seconds(received_ / 1024);
    return std::max(std::chrono::nanoseconds(0), std::min(timeout_, timeout_ + earned - waited_));
  }
  void waited(std::chrono::nanoseconds span) { waited_ += span; }
  void received(std::uint64_t bytes) { received_ += bytes; }

 private:
  std::chrono::nanoseconds timeout_;
  std::chrono::nanoseconds waited_{0};
  std::uint64_t received_ = 0;
};

}  // namespace caprock::server
