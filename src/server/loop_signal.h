#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/awaitable.h"

namespace caprock::server {

/// Wakes the one coroutine that waits on it. A notice without a waiter is kept, and several are one. Both
/// sides on one loop; the waiter runs on a later turn of it, never from within notify().
class LoopSignal {
 public:
  explicit LoopSignal(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  void notify() {
    if (!std::exchange(noticed_, true)) timer_.cancel();
  }
  base::Awaitable<void> wait() {
    boost::system::error_code ignored;
    if (!noticed_) {
      timer_.expires_at(boost::asio::steady_timer::time_point::max());
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    noticed_ = false;
  }

 private:
  boost::asio::steady_timer timer_;
  bool noticed_ = false;
};

}  // namespace caprock::server
