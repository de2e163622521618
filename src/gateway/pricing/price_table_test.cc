#include "gateway/pricing/price_table.h"

#include <gtest/gtest.h>

#include "gateway/pricing/price_file.h"

namespace caprock::gateway {
namespace {

PriceEntry entry(std::string model, std::int64_t input) {
  PriceEntry made{.models = {std::move(model)}, .scopes = {"region", "us"}};
  made.prices[0] = input;
  return made;
}

TEST(PriceTable, Diff_TellsNewGoneAndChanged) {
  const PriceFile before{.entries = {entry("a", 1), entry("b", 2'500'000'000)}};
  const PriceFile after{.entries = {entry("b", 3'000'000'000), entry("c", 4)}};
  const PriceDiff diff = diff_prices(before, after);
  ASSERT_EQ(diff.removed.size(), 2U);
  EXPECT_EQ(diff.removed[0].model, "a");
  ASSERT_EQ(diff.added.size(), 2U);
  EXPECT_EQ(diff.added[1].scope, "us");
  ASSERT_EQ(diff.changed.size(), 2U);
  EXPECT_EQ(prices_text(diff.changed[0].first.prices), "input 2.5");
  EXPECT_EQ(prices_text(diff.changed[0].second.prices), "input 3");
  EXPECT_TRUE(diff_prices(after, after).empty());
}

}  // namespace
}  // namespace caprock::gateway
