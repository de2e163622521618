#include "gateway/pricing/price_book.h"

#include <gmock/gmock.h>

#include <random>

#include "gateway/pricing/price_file.h"

namespace caprock::gateway {
namespace {

using base::NanoUsd;
using std::chrono::sys_days;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::string_view kPrices = R"(format = 1
currency = "USD"
[[source]]
name = "list"
url = "https://prices.example/"
checked_on = 2026-06-01
[[price]]
models = ["a.model"]
scopes = ["region", "us"]
effective_from = 2026-01-01
source = "list"
per_million_tokens = { input = 3.3, output = 16.5, cache_read = 0.33, cache_write_5m = 4.125, cache_write_1h = 6.6 }
[[price]]
models = ["a.model"]
scopes = ["region", "us"]
context_above = 1000
effective_from = 2026-01-01
source = "list"
per_million_tokens = { input = 6.6, output = 24.75 }
[[price]]
models = ["a.model"]
scopes = ["region"]
effective_from = 2026-07-01
source = "list"
per_million_tokens = { input = 1, output = 2 }
[[price]]
models = ["a.model"]
scopes = ["region:eu-west-1"]
effective_from = 2026-01-01
source = "list"
per_million_tokens = { input = 9, output = 9 }
[[price]]
models = ["a.model"]
scopes = ["region"]
tier = "batch"
effective_from = 2026-01-01
source = "list"
per_million_tokens = { input = 0.5, output = 1 }
[[price]]
models = ["mine/*"]
scopes = ["region"]
effective_from = 2026-01-01
source = "list"
per_million_tokens = { input = 0, output = 0 }
[[price]]
models = ["a.reranker"]
scopes = ["region"]
effective_from = 2026-01-01
source = "list"
each = { search = 0.002 }
)";

constexpr sys_days kMarch{2026y / 3 / 15};
constexpr sys_days kAugust{2026y / 8 / 1};

const PriceBook& book() {
  static const PriceBook made(*parse_prices(kPrices, "p.toml"));
  return made;
}

Cost cost(std::string_view model, const llm::Usage& used, Day day = kMarch, std::string_view tier = {},
          std::string_view region = {}) {
  return book().cost(price_key(model, tier, region), {.tokens = used}, day);
}

TEST(PriceBook, EveryKindOfToken_HasItsPrice) {
  const llm::Usage used{.input_tokens = 100,
                        .output_tokens = 50,
                        .cache_read_tokens = 400,
                        .cache_write_tokens = 30,
                        .cache_write_1h_tokens = 10};
  // 100·3300 + 50·16500 + 400·330 + 20·4125 + 10·6600 nano-dollars
  EXPECT_EQ(cost("us.a.model", used), NanoUsd(330'000 + 825'000 + 132'000 + 82'500 + 66'000));
}

TEST(PriceBook, SumIsRoundedUpOnce) {
  EXPECT_EQ(cost("a.model", {.input_tokens = 1}, kMarch, "batch"), NanoUsd(500));
  // A third of a nano-dollar a token would need ten places; 8.75 is the finest that models have.
  const PriceBook fine(*parse_prices(R"(format = 1
currency = "USD"
[[source]]
name = "l"
url = "u"
checked_on = 2026-06-01
[[price]]
models = ["m"]
scopes = ["region"]
effective_from = 2026-01-01
source = "l"
per_million_tokens = { input = 0.00875, output = 0.0004 }
)",
                                     "f"));
  const PriceKey key = price_key("m");
  EXPECT_EQ(fine.cost(key, {.tokens = {.input_tokens = 1}}, kMarch), NanoUsd(9));
  EXPECT_EQ(fine.cost(key, {.tokens = {.input_tokens = 4}}, kMarch), NanoUsd(35));
  EXPECT_EQ(fine.cost(key, {.tokens = {.input_tokens = 1, .output_tokens = 1}}, kMarch), NanoUsd(10));
  EXPECT_EQ(fine.cost(key, {}, kMarch), NanoUsd(0));
}

TEST(PriceBook, Step_IsChosenByAllTokensOfInput) {
  EXPECT_EQ(cost("a.model", {.input_tokens = 1000}), NanoUsd(3'300'000));
  EXPECT_EQ(cost("a.model", {.input_tokens = 1001}), NanoUsd(6'606'600));
  const auto cached = cost("a.model", {.input_tokens = 1, .cache_read_tokens = 1000});
  ASSERT_FALSE(cached);
  EXPECT_EQ(cached.error().reason, NoPrice::Reason::kUnit);
}

TEST(PriceBook, Days_ChooseTheEntryInForce) {
  EXPECT_EQ(cost("a.model", {.input_tokens = 10}, kAugust), NanoUsd(10'000));
  EXPECT_EQ(cost("us.a.model", {.input_tokens = 10}, kAugust), NanoUsd(33'000));
  const auto early = cost("a.model", {.input_tokens = 10}, sys_days{2025y / 12 / 31});
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, NoPrice::Reason::kDay);
  EXPECT_THAT(early.error().message, HasSubstr("from 2026-01-01 on"));
}

TEST(PriceBook, RegionsOfTheirOwn_GoBeforeTheGeneralOne) {
  EXPECT_EQ(cost("a.model", {.input_tokens = 10}, kMarch, "", "eu-west-1"), NanoUsd(90'000));
  EXPECT_EQ(cost("arn:aws:bedrock:eu-west-1::foundation-model/a.model", {.input_tokens = 10}),
            NanoUsd(90'000));
  EXPECT_EQ(cost("a.model", {.input_tokens = 10}, kMarch, "", "eu-west-3"), NanoUsd(33'000));
  EXPECT_EQ(cost("bedrock@west/us.a.model", {.input_tokens = 10}), NanoUsd(33'000));
}

TEST(PriceBook, WhatHasNoPrice_SaysWhyAndIsNotZero) {
  const auto reason = [](std::string_view model, std::string_view tier) {
    const auto found = cost(model, {.input_tokens = 1}, kMarch, tier);
    return found ? std::string("a price") : std::string(name_of(found.error().reason));
  };
  EXPECT_EQ(reason("b.model", ""), "model");
  EXPECT_EQ(reason("eu.a.model", ""), "scope");
  EXPECT_EQ(reason("global.a.model", ""), "scope");
  EXPECT_EQ(reason("a.model", "priority"), "tier");
  EXPECT_EQ(reason("a.model", "auto"), "a price");
  EXPECT_EQ(reason("arn:aws:bedrock:us-east-1:1:application-inference-profile/a.model", ""), "model");
  EXPECT_THAT(cost("eu.a.model", {}).error().message,
              HasSubstr("p.toml, only for: region, region:eu-west-1, us"));
}

TEST(PriceBook, ProviderOfOnesOwn_CostsNothingByExplicitEntry) {
  EXPECT_EQ(cost("mine/any/model", {.input_tokens = 10, .output_tokens = 10}), NanoUsd(0));
  EXPECT_FALSE(cost("yours/any", {.input_tokens = 10}));
}

TEST(PriceBook, Searches_ArePricedEach) {
  EXPECT_EQ(book().cost(price_key("a.reranker"), {.searches = 3}, kMarch), NanoUsd(6'000'000));
}

TEST(PriceBook, Most_IsNeverBelowTheCostOfASmallerCall) {
  std::mt19937 random(11);
  const auto upto = [&](std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random);
  };
  const PriceKey key = price_key("us.a.model");
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t input = upto(1500);
    const std::int64_t output = upto(800);
    llm::Usage used{.output_tokens = upto(output)};
    std::int64_t rest = upto(input);
    used.input_tokens = upto(rest);
    rest -= used.input_tokens;
    if (input <= 1000) {  // cached tokens have no price above
      used.cache_read_tokens = upto(rest);
      used.cache_write_tokens = rest - used.cache_read_tokens;
      used.cache_write_1h_tokens = upto(used.cache_write_tokens);
    }
    const Cost real = book().cost(key, {.tokens = used}, kMarch);
    ASSERT_TRUE(real) << real.error().message;
    EXPECT_LE(*real, *book().most(key, input, output, kMarch));
  }
}

TEST(PriceBook, HugeAndNegativeCounts_NeitherOverflowNorEarn) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(cost("a.model", {.output_tokens = kHuge}), NanoUsd::most());
  EXPECT_EQ(cost("a.model", {.input_tokens = -5, .output_tokens = 1}), NanoUsd(16'500));
}

TEST(PriceBook, SumOfCosts_DiffersFromTheExactSumByLessThanANanoDollarEach) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::int64_t rounded = 0;
    __int128 exact = 0;
    for (int i = 0; i < 50; ++i) {
      const std::int64_t in = random() % 900;
      const std::int64_t out = random() % 900;
      rounded += cost("us.a.model", {.input_tokens = in, .output_tokens = out})->count();
      exact += __int128{in} * 3'300'000'000 + __int128{out} * 16'500'000'000;
    }
    EXPECT_GE(__int128{rounded} * 1'000'000, exact);
    EXPECT_LT(__int128{rounded} * 1'000'000, exact + __int128{50} * 1'000'000);
  }
}

}  // namespace
}  // namespace caprock::gateway
