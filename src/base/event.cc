#include "base/event.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace caprock::base {

namespace asio = boost::asio;

// Shared with posted signals, which may run after the Event is gone.
struct Event::State {
  explicit State(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  bool signalled = false;
};

Event::Event(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}
Event::~Event() = default;

void Event::signal() {
  asio::post(state_->timer.get_executor(), [state = state_] {
    state->signalled = true;
    state->timer.cancel();
  });
}

Awaitable<bool> Event::wait(std::chrono::nanoseconds timeout) {
  const auto state = state_;
  if (!state->signalled) {
    state->timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(timeout));
    boost::system::error_code ignored;
    co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::exchange(state->signalled, false);
}

Awaitable<void> sleep_for(std::chrono::nanoseconds span) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(span));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace caprock::base
