#include "providers/local/batch_plan.h"

#include <gmock/gmock.h>

namespace caprock::providers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(PlanBatches, LengthsMixed_AreSortedAndCapped) {
  const std::vector<std::size_t> lengths{10, 100, 12, 0, 30};
  const auto batches = plan_batches(lengths, 120);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_THAT(batches[0].texts, ElementsAre(1));
  EXPECT_EQ(batches[0].length, 104U);
  EXPECT_THAT(batches[1].texts, ElementsAre(4, 2, 0));
  EXPECT_EQ(batches[1].length, 32U);
}

TEST(PlanBatches, TextAboveCap_StandsAlone) {
  const std::vector<std::size_t> lengths{500, 500};
  EXPECT_EQ(plan_batches(lengths, 100).size(), 2U);
}

TEST(PlanBatches, NothingToDo_GivesNone) {
  EXPECT_THAT(plan_batches(std::vector<std::size_t>{0, 0}, 100), IsEmpty());
}

TEST(Pad, ShorterText_IsPaddedAndMasked) {
  const std::vector<std::vector<std::int32_t>> tokens{{7, 8, 9}, {5, 6}};
  const auto padded = pad({.texts = {1, 0}, .length = 4}, tokens, -1);
  EXPECT_THAT(padded.ids, ElementsAre(5, 6, -1, -1, 7, 8, 9, -1));
  EXPECT_THAT(padded.mask, ElementsAre(1, 1, 0, 0, 1, 1, 1, 0));
}

}  // namespace
}  // namespace caprock::providers
