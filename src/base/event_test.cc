#include "base/event.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

namespace caprock::base {
namespace {

namespace asio = boost::asio;

void run(asio::io_context& loop, Awaitable<void> body) {
  asio::co_spawn(loop, std::move(body), [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
  loop.run();
}

Awaitable<void> expect_wait(Event& event, std::chrono::nanoseconds timeout, bool expected) {
  EXPECT_EQ(co_await event.wait(timeout), expected);
}

TEST(Event, SignalBeforeTheWait_IsKept) {
  asio::io_context loop;
  Event event(loop.get_executor());
  event.signal();
  loop.run();
  loop.restart();
  run(loop, expect_wait(event, std::chrono::hours(1), true));
}

TEST(Event, SignalFromAnotherThread_WakesTheWaiter) {
  asio::io_context loop;
  Event event(loop.get_executor());
  std::thread other([&] { event.signal(); });
  run(loop, expect_wait(event, std::chrono::hours(1), true));
  other.join();
}

TEST(Event, NoSignal_EndsAtTheTimeout) {
  asio::io_context loop;
  Event event(loop.get_executor());
  run(loop, expect_wait(event, std::chrono::nanoseconds(1), false));
}

}  // namespace
}  // namespace caprock::base
