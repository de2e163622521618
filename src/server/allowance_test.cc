#include "server/allowance.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

TEST(Allowance, Spent_ComesBackOverAMinute) {
  Allowance allowance(60);
  const base::MonoTime start{std::chrono::hours(1)};
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(allowance.spend(start)) << i;
  EXPECT_FALSE(allowance.spend(start));
  EXPECT_TRUE(allowance.spend(start + std::chrono::seconds(1)));
  EXPECT_FALSE(allowance.spend(start + std::chrono::seconds(1)));
}

TEST(Allowance, Given_IsCappedAtItsMost) {
  Allowance allowance(2);
  const base::MonoTime start{std::chrono::hours(1)};
  allowance.give(100);
  EXPECT_TRUE(allowance.spend(start));
  EXPECT_TRUE(allowance.spend(start));
  EXPECT_FALSE(allowance.spend(start));
  allowance.give(1);
  EXPECT_TRUE(allowance.spend(start));
}

}  // namespace
}  // namespace caprock::server
