#include "gateway/pricing/prices.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace caprock::gateway {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class PricesTest : public testing::Test {
 protected:
  PricesTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            ("caprock-prices-" + std::to_string(::getpid()) + "-" + test->name());
    settings_.file = path_.string();
  }
  ~PricesTest() override { std::filesystem::remove(path_); }

  void write(const std::string& input) {
    std::ofstream(path_)
        << "format = 1\ncurrency = \"USD\"\n[[source]]\nname = \"l\"\nurl = \"u\"\nchecked_on = "
           "2026-06-01\n[[price]]\nmodels = [\"m\"]\nscopes = [\"region\"]\neffective_from = "
           "2026-01-01\nsource = \"l\"\nper_million_tokens = { input = "
        << input << ", output = 1 }\n";
  }

  std::filesystem::path path_;
  PricingSettings settings_;
  base::ManualClock clock_{std::chrono::sys_days{2026y / 7 / 1}};
};

TEST_F(PricesTest, BrokenReload_KeepsTheLastGoodAndSaysWhere) {
  write("3");
  auto prices = Prices::open(settings_, clock_);
  ASSERT_TRUE(prices) << prices.error().message;
  const auto before = (*prices)->book();
  write("-4");
  EXPECT_FALSE((*prices)->reload());
  EXPECT_EQ((*prices)->cost("m", {.input_tokens = 10}), base::NanoUsd(30'000));
  EXPECT_THAT((*prices)->warning(), HasSubstr(path_.string() + ":12: input: is -4"));
  write("4");
  EXPECT_TRUE((*prices)->reload());
  EXPECT_EQ((*prices)->cost("m", {.input_tokens = 10}), base::NanoUsd(40'000));
  EXPECT_EQ((*prices)->warning(), "");
  EXPECT_EQ(before->cost(price_key("m"), {.tokens = {.input_tokens = 10}}, (*prices)->today()),
            base::NanoUsd(30'000));
}

TEST_F(PricesTest, BrokenAtStart_IsAnErrorThatNamesTheLine) {
  write("nan");
  const auto prices = Prices::open(settings_, clock_);
  ASSERT_FALSE(prices);
  EXPECT_EQ(prices.error().field, "pricing.file");
  EXPECT_THAT(prices.error().message, HasSubstr(":12: input: "));
}

TEST_F(PricesTest, LongUncheckedPrices_AreStale) {
  write("3");
  settings_.stale_after = std::chrono::days(60);
  auto prices = Prices::open(settings_, clock_);
  ASSERT_TRUE(prices);
  EXPECT_FALSE((*prices)->status().stale);
  clock_.advance(std::chrono::days(40));
  EXPECT_TRUE((*prices)->status().stale);
  EXPECT_THAT((*prices)->warning(), HasSubstr("2026-06-01"));
}

TEST_F(PricesTest, ProvidersOwnWord_GoesBeforeTheList) {
  write("3");
  const auto prices = Prices::open(settings_, clock_);
  ASSERT_TRUE(prices);
  EXPECT_EQ((*prices)->cost("unheard/of", {.input_tokens = 10, .billed_nano_usd = 77}), base::NanoUsd(77));
}

}  // namespace
}  // namespace caprock::gateway
