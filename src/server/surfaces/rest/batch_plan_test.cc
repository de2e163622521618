#include "server/surfaces/rest/batch_plan.h"

#include <gtest/gtest.h>

namespace caprock::server::rest {
namespace {

TEST(BatchPlan, SlowModel_DoesNotHoldUpTheOthers) {
  BatchPlan plan({"a", "a", "a", "b", "b"});
  EXPECT_EQ(plan.next(), 0U);
  EXPECT_EQ(plan.next(), 3U);  // b has none running yet
  plan.done(3);
  EXPECT_EQ(plan.next(), 4U);
  plan.done(4);
  EXPECT_EQ(plan.next(), 1U);
  EXPECT_EQ(plan.next(), 2U);
  EXPECT_EQ(plan.next(), std::nullopt);
}

TEST(BatchPlan, OneModel_RunsInItsOrder) {
  BatchPlan plan({"a", "a"});
  EXPECT_EQ(plan.next(), 0U);
  EXPECT_EQ(plan.next(), 1U);
  plan.done(1);
  EXPECT_EQ(plan.next(), std::nullopt);
}

}  // namespace
}  // namespace caprock::server::rest
