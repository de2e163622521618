#include "rag/ingest/byte_budget.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <vector>

namespace caprock::rag {
namespace {

class ByteBudgetTest : public testing::Test {
 protected:
  // Takes a share and keeps it in `held_`.
  void take(std::uint64_t bytes) {
    boost::asio::co_spawn(loop_, hold(bytes), boost::asio::detached);
    run();
  }
  base::Awaitable<void> hold(std::uint64_t bytes) { held_.emplace_back(co_await budget_.take(bytes)); }
  void run() {
    loop_.poll();
    loop_.restart();
  }

  boost::asio::io_context loop_;
  ByteBudget budget_{100};
  std::vector<std::optional<ByteBudget::Share>> held_;
};

TEST_F(ByteBudgetTest, MoreThanIsFree_WaitsUntilGivenBack) {
  take(60);
  take(60);
  EXPECT_EQ(held_.size(), 1U);
  held_[0].reset();
  run();
  EXPECT_EQ(held_.size(), 2U);
}

TEST_F(ByteBudgetTest, SmallOnes_DoNotOvertakeALargeOneForEver) {
  take(60);
  take(90);
  take(10);
  EXPECT_EQ(held_.size(), 1U);
  held_[0].reset();
  run();
  EXPECT_EQ(held_.size(), 3U);
}

TEST_F(ByteBudgetTest, LargerThanTheBudget_GoesAlone) {
  take(1000);
  EXPECT_EQ(held_.size(), 1U);
  take(1);
  EXPECT_EQ(held_.size(), 1U);
  held_[0].reset();
  run();
  EXPECT_EQ(held_.size(), 2U);
}

}  // namespace
}  // namespace caprock::rag
