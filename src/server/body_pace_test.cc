#include "server/body_pace.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(BodyPace, Silence_IsNeverAllowedLongerThanTheTimeOut) {
  BodyPace pace(seconds(30));
  EXPECT_EQ(pace.allowance(), seconds(30));
  pace.received(100'000'000);
  EXPECT_EQ(pace.allowance(), seconds(30));
}

TEST(BodyPace, Trickle_UsesUpItsTime) {
  BodyPace pace(seconds(30));
  for (int i = 0; i < 60; ++i) {
    pace.waited(milliseconds(500));
    pace.received(1);
  }
  EXPECT_EQ(pace.allowance(), seconds(0));
}

TEST(BodyPace, SteadyBytes_EarnTheirTime) {
  BodyPace pace(seconds(30));
  for (int i = 0; i < 600; ++i) {
    pace.waited(milliseconds(500));
    pace.received(1024);
  }
  EXPECT_EQ(pace.allowance(), seconds(30));
}

}  // namespace
}  // namespace caprock::server
