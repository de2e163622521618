#include "agent/conversation/turn.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace caprock::agent {
namespace {

using namespace std::chrono_literals;

class TurnTest : public ::testing::Test {
 protected:
  std::shared_ptr<Turn> make(Turn::Settings settings) {
    return std::make_shared<Turn>("t", base::Principal{}, loop.get_executor(), settings);
  }
  static base::Awaitable<void> write(std::shared_ptr<Turn> turn, int count) {
    for (int i = 0; i < count; ++i) {
      if (!co_await turn->put(TurnToken{std::string(100, 'x')})) break;
    }
    turn->end(TurnDone{});
  }
  // Reads to the end; the ids it saw.
  static base::Awaitable<void> read(std::unique_ptr<TurnReader> reader, std::vector<std::uint64_t>& ids,
                                    std::string& error) {
    const auto context = base::background_context(base::TenantId("default"));
    while (true) {
      const auto step = co_await reader->next(context, 10s);
      if (!step) error = step.error().message;
      if (!step || step->ended) co_return;
      if (step->event) ids.push_back(step->id);
    }
  }
  void start(base::Awaitable<void> task) {
    boost::asio::co_spawn(loop, std::move(task), boost::asio::detached);
  }

  boost::asio::io_context loop;
  std::vector<std::uint64_t> ids;
  std::string error;
};

TEST_F(TurnTest, ReaderFromTheStart_SeesEveryEventOnce) {
  const auto turn = make({.max_bytes = 500});
  auto reader = std::make_unique<TurnReader>(turn, loop.get_executor(), 0);
  start(write(turn, 50));
  start(read(std::move(reader), ids, error));
  loop.run();
  ASSERT_EQ(ids.size(), 51U);
  EXPECT_EQ(ids.front(), 1U);
  EXPECT_EQ(ids.back(), 51U);
  EXPECT_TRUE(turn->ended());
}

TEST_F(TurnTest, ReaderThatComesBack_GoesOnAfterItsLast) {
  const auto turn = make({});
  start(write(turn, 10));
  loop.run();
  loop.restart();
  start(read(std::make_unique<TurnReader>(turn, loop.get_executor(), 7), ids, error));
  loop.run();
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{8, 9, 10, 11}));
}

TEST_F(TurnTest, NobodyReads_OldestFallOutAndAreRefused) {
  const auto turn = make({.max_bytes = 1000});
  start(write(turn, 100));
  loop.run();
  loop.restart();
  start(read(std::make_unique<TurnReader>(turn, loop.get_executor(), 0), ids, error));
  loop.run();
  EXPECT_TRUE(ids.empty());
  EXPECT_EQ(error, "The events asked for are no longer kept; read the conversation instead.");
}

TEST_F(TurnTest, SlowReader_HoldsTheWriterUp) {
  const auto turn = make({.max_bytes = 500});
  const auto reader = std::make_unique<TurnReader>(turn, loop.get_executor(), 0);
  start(write(turn, 100));
  loop.poll();
  EXPECT_FALSE(turn->ended());
  turn->stop();
  loop.run();
  EXPECT_TRUE(turn->ended());
}

TEST_F(TurnTest, LastReaderGone_StopsAfterTheTime) {
  const auto turn = make({.detached_for = 0ms});
  auto first = std::make_unique<TurnReader>(turn, loop.get_executor(), 0);
  auto second = std::make_unique<TurnReader>(turn, loop.get_executor(), 0);
  first.reset();
  loop.run();
  loop.restart();
  EXPECT_FALSE(turn->stopped().stop_requested());
  second.reset();
  loop.run();
  EXPECT_TRUE(turn->stopped().stop_requested());
}

TEST_F(TurnTest, ReaderBackInTime_TurnGoesOn) {
  const auto turn = make({.detached_for = 1h});
  std::make_unique<TurnReader>(turn, loop.get_executor(), 0).reset();
  loop.poll();
  const auto again = std::make_unique<TurnReader>(turn, loop.get_executor(), 0);
  loop.run();  // ends because the timer was cancelled
  EXPECT_FALSE(turn->stopped().stop_requested());
}

}  // namespace
}  // namespace caprock::agent
