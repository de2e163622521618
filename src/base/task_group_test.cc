#include "base/task_group.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace caprock::base {
namespace {

namespace asio = boost::asio;

TEST(TaskGroup, Join_WaitsUntilEveryTaskSawTheStop) {
  asio::io_context loop;
  TaskGroup group(loop.get_executor());
  int ended = 0;
  for (int i = 0; i < 3; ++i)
    group.spawn("spin", [&](std::stop_token stop) -> Awaitable<void> {
      while (!stop.stop_requested()) co_await asio::post(asio::use_awaitable);
      ++ended;
    });
  asio::co_spawn(
      loop,
      [&]() -> Awaitable<void> {
        EXPECT_EQ(group.running(), 3U);
        group.request_stop();
        co_await group.join();
        EXPECT_EQ(ended, 3);
      },
      [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
  loop.run();
}

TEST(TaskGroup, ThrowingTask_EndsAlone) {
  asio::io_context loop;
  TaskGroup group(loop.get_executor());
  group.spawn("bad", [](std::stop_token) -> Awaitable<void> {
    throw std::runtime_error("boom");
    co_return;
  });
  bool other = false;
  group.spawn("good", [&](std::stop_token) -> Awaitable<void> {
    other = true;
    co_return;
  });
  loop.run();
  EXPECT_TRUE(other);
  EXPECT_EQ(group.running(), 0U);
}

}  // namespace
}  // namespace caprock::base
