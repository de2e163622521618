#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>

#include "base/error.h"

namespace caprock::server {

/// Why a request was told to stop.
enum class StopCause : std::uint8_t {
  kNone,
  kClientGone,  ///< the connection was closed or reset, or the reader is dead
  kDeadline,    ///< `request_timeout` has passed
  kShutdown,    ///< the grace period of a drain has passed
};

/// The switch that ends one request early. Its door holds it; handlers see the token in their context. Any
/// thread.
class RequestStop {
 public:
  std::stop_token token() const { return source_.get_token(); }
  /// The first cause is kept.
  void request(StopCause cause) {
    StopCause none = StopCause::kNone;
    cause_.compare_exchange_strong(none, cause);
    source_.request_stop();
  }
  StopCause cause() const { return cause_.load(); }
  /// kCancelled is told as what it really was: kDeadlineExceeded, or kUnavailable at a shutdown. Other errors
  /// stay as they are.
  base::Error explain(base::Error error) const;

 private:
  std::stop_source source_;
  std::atomic<StopCause> cause_{StopCause::kNone};
};

}  // namespace caprock::server
