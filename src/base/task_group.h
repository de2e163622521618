#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/awaitable.h"

namespace caprock::base {

/// Background coroutines with an owner. Shut down in two phases: `request_stop()` tells every task through
/// its stop token, `join()` waits for them. Declared last in its owner. All calls from the executor's own
/// thread, but for `request_stop`, which any thread may call.
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task(stop_token)`. An exception that leaves it is logged under `name` and ends that task only.
  void spawn(std::string name, std::function<Awaitable<void>(std::stop_token)> task);
  void request_stop();
  /// Returns when no task runs any more.
  Awaitable<void> join();
  std::size_t running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace caprock::base
