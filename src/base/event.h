#pragma once

#include <chrono>
#include <memory>

#include "base/awaitable.h"

namespace caprock::base {

/// Waits on one executor until somebody signals. `signal()` from any thread; a signal without a waiter is
/// kept, and several are one. One waiter at a time.
class Event {
 public:
  explicit Event(boost::asio::any_io_executor executor);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void signal();
  /// True when signalled, false when `timeout` passed first.
  Awaitable<bool> wait(std::chrono::nanoseconds timeout);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Suspends the calling coroutine.
Awaitable<void> sleep_for(std::chrono::nanoseconds span);

}  // namespace caprock::base
