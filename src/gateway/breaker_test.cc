#include "gateway/breaker.h"

#include <gtest/gtest.h>

namespace caprock::gateway {
namespace {

using std::chrono::seconds;
using State = Breaker::State;

class BreakerTest : public ::testing::Test {
 protected:
  void fail(int times) {
    for (int i = 0; i < times; ++i) breaker_.failed(settings_, now_);
  }
  BreakerSettings settings_;
  base::MonoTime now_{};
  Breaker breaker_;
};

TEST_F(BreakerTest, FiveFailuresInARow_Open) {
  fail(4);
  EXPECT_EQ(breaker_.state(now_), State::kClosed);
  fail(1);
  EXPECT_EQ(breaker_.state(now_), State::kOpen);
  EXPECT_FALSE(breaker_.allow(settings_, now_ + seconds(29)));
}

TEST_F(BreakerTest, SuccessBetween_StaysClosed) {
  fail(4);
  EXPECT_FALSE(breaker_.succeeded());
  fail(4);
  EXPECT_EQ(breaker_.state(now_), State::kClosed);
}

TEST_F(BreakerTest, AfterItsTime_OneProbePasses) {
  fail(5);
  now_ += seconds(30);
  EXPECT_EQ(breaker_.state(now_), State::kHalfOpen);
  EXPECT_TRUE(breaker_.allow(settings_, now_));
  EXPECT_FALSE(breaker_.allow(settings_, now_));
  EXPECT_TRUE(breaker_.succeeded());
  EXPECT_EQ(breaker_.state(now_), State::kClosed);
  EXPECT_TRUE(breaker_.allow(settings_, now_));
}

TEST_F(BreakerTest, FailedProbes_OpenLongerEachTimeUpToTheLongest) {
  fail(5);
  for (const int expected : {60, 90, 120, 150, 180, 210, 240, 270, 300, 300}) {
    now_ = breaker_.open_until();
    ASSERT_TRUE(breaker_.allow(settings_, now_));
    EXPECT_TRUE(breaker_.failed(settings_, now_));
    EXPECT_EQ(breaker_.open_until() - now_, seconds(expected));
  }
}

TEST_F(BreakerTest, CallsOnTheirWayWhenItOpened_DoNotLengthenIt) {
  fail(5);
  now_ += seconds(10);
  EXPECT_FALSE(breaker_.failed(settings_, now_));
  EXPECT_EQ(breaker_.open_until() - now_, seconds(20));
}

TEST_F(BreakerTest, AbandonedProbe_LeavesRoomForAnother) {
  fail(5);
  now_ += seconds(30);
  EXPECT_TRUE(breaker_.allow(settings_, now_));
  breaker_.abandoned(now_);
  EXPECT_TRUE(breaker_.allow(settings_, now_));
}

TEST_F(BreakerTest, ProbeThatNeverEnds_HoldsOthersOffForATimeOnly) {
  fail(5);
  now_ += seconds(30);
  EXPECT_TRUE(breaker_.allow(settings_, now_));
  EXPECT_FALSE(breaker_.allow(settings_, now_ + seconds(29)));
  EXPECT_TRUE(breaker_.allow(settings_, now_ + seconds(30)));
}

}  // namespace
}  // namespace caprock::gateway
