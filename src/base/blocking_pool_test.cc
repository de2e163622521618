#include "base/blocking_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <latch>
#include <stdexcept>
#include <thread>

namespace caprock::base {
namespace {

template <class Body>
void run_loop(Body body) {
  boost::asio::io_context loop;
  boost::asio::co_spawn(loop, std::move(body), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  loop.run();
}

TEST(BlockingPool, Work_RunsElsewhereAndResumesOnTheLoop) {
  BlockingPool pool({.name = "test", .threads = 1, .queue = 4});
  const RequestContext context;
  const auto loop_thread = std::this_thread::get_id();
  run_loop([&]() -> Awaitable<void> {
    auto worker =
        co_await pool.run(context, [] { return Result<std::thread::id>(std::this_thread::get_id()); });
    EXPECT_TRUE(worker);
    EXPECT_NE(*worker, loop_thread);
    EXPECT_EQ(std::this_thread::get_id(), loop_thread);
  });
}

TEST(BlockingPool, FullQueue_IsUnavailableWithRetryAfter) {
  BlockingPool pool({.name = "test", .threads = 1, .queue = 1});
  const RequestContext context;
  std::latch release(1);
  std::latch started(1);
  int refused = 0;
  boost::asio::io_context loop;
  const auto job = [&](bool first) -> Awaitable<void> {
    auto outcome = co_await pool.run(context, [&, first]() -> Result<int> {
      if (first) started.count_down();
      release.wait();
      return 1;
    });
    if (outcome) co_return;
    EXPECT_EQ(outcome.error().kind, ErrorKind::kUnavailable);
    EXPECT_TRUE(outcome.error().retry_after);
    ++refused;
    release.count_down();
  };
  boost::asio::co_spawn(loop, job(true), boost::asio::detached);
  loop.run_one();
  started.wait();
  boost::asio::co_spawn(loop, job(false), boost::asio::detached);
  boost::asio::co_spawn(loop, job(false), boost::asio::detached);
  loop.run();
  EXPECT_EQ(refused, 1);
}

TEST(BlockingPool, CancelledContext_DoesNotRunTheWork) {
  BlockingPool pool({.name = "test"});
  std::stop_source stop;
  stop.request_stop();
  RequestContext context;
  context.cancelled = stop.get_token();
  run_loop([&]() -> Awaitable<void> {
    bool ran = false;
    auto outcome = co_await pool.run(context, [&] {
      ran = true;
      return Result<int>(1);
    });
    EXPECT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::kCancelled);
    EXPECT_FALSE(ran);
  });
}

TEST(BlockingPool, ThrowingWork_IsAnInternalError) {
  BlockingPool pool({.name = "test"});
  const RequestContext context;
  run_loop([&]() -> Awaitable<void> {
    auto outcome = co_await pool.run(context, []() -> Result<int> { throw std::runtime_error("torn page"); });
    EXPECT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::kInternal);
    EXPECT_NE(outcome.error().detail.find("torn page"), std::string::npos);
  });
}

}  // namespace
}  // namespace caprock::base
