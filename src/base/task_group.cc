#include "base/task_group.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "base/log.h"

namespace caprock::base {

namespace asio = boost::asio;

// Shared with the tasks: the last of them may end after the group was told to stop by a destructor.
struct TaskGroup::State {
  explicit State(asio::any_io_executor ex) : executor(std::move(ex)), idle(executor) {}
  asio::any_io_executor executor;
  asio::steady_timer idle;  ///< cancelled whenever the last task ends
  std::stop_source stop;
  std::atomic<std::size_t> running{0};
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() { request_stop(); }

void TaskGroup::spawn(std::string name, std::function<Awaitable<void>(std::stop_token)> task) {
  state_->running.fetch_add(1);
  // The coroutine refers to the callable's captures: it is kept at one address until the task has ended.
  const auto body = std::make_shared<std::function<Awaitable<void>(std::stop_token)>>(std::move(task));
  auto finished = [state = state_, name = std::move(name), body](std::exception_ptr failed) {
    if (failed) {
      try {
        std::rethrow_exception(failed);
      } catch (const std::exception& e) {
        log(LogLevel::kError, "task ended by an exception", {{"task", name}, {"what", e.what()}});
      }
    }
    if (state->running.fetch_sub(1) == 1) state->idle.cancel();
  };
  asio::co_spawn(state_->executor, (*body)(state_->stop.get_token()), std::move(finished));
}

void TaskGroup::request_stop() { state_->stop.request_stop(); }

Awaitable<void> TaskGroup::join() {
  const auto state = state_;
  while (state->running.load() != 0) {
    state->idle.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code ignored;
    co_await state->idle.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

std::size_t TaskGroup::running() const { return state_->running.load(); }

}  // namespace caprock::base
