#include "gateway/pricing/price_file.h"

#include <gmock/gmock.h>

namespace caprock::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kHead = R"(format = 1
currency = "USD"
[[source]]
name = "list"
url = "https://prices.example/"
checked_on = 2026-06-01
)";
constexpr std::string_view kEntry = R"([[price]]
models = ["a.model"]
scopes = ["region"]
effective_from = 2026-01-01
source = "list"
per_million_tokens = { input = 3, output = 0.0375 }
)";

std::vector<std::string> problems(const std::string& text) {
  const auto file = parse_prices(text, "p.toml");
  std::vector<std::string> out;
  if (!file)
    for (const PriceProblem& problem : file.error()) out.push_back(problem.text());
  return out;
}

std::vector<std::string> problems_with(const std::string& what, const std::string& instead) {
  std::string text(kEntry);
  text.replace(text.find(what), what.size(), instead);
  return problems(std::string(kHead) + text);
}

TEST(PriceFile, BuiltIn_IsRight) {
  const auto file = parse_prices(built_in_prices(), kBuiltInName);
  ASSERT_TRUE(file) << file.error().front().text();
  EXPECT_GT(file->entries.size(), 40U);
}

TEST(PriceFile, Decimals_AreExact) {
  const auto file = parse_prices(std::string(kHead) + std::string(kEntry), "p.toml");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->entries.size(), 1U);
  EXPECT_EQ(file->entries[0].prices[0], 3'000'000'000);
  EXPECT_EQ(file->entries[0].prices[1], 37'500'000);
  EXPECT_EQ(file->entries[0].checked_on, file->sources[0].checked_on);
  EXPECT_EQ(day_text(file->entries[0].from), "2026-01-01");
}

TEST(PriceFile, EveryMistake_NamesFileLineAndKey) {
  EXPECT_THAT(problems_with("output =", "outptu ="),
              ElementsAre("p.toml:12: outptu: unknown key; did you mean \"output\"?"));
  EXPECT_THAT(problems_with("0.0375", "-0.5"),
              ElementsAre(HasSubstr("p.toml:12: output: is -0.5; a price is not")));
  EXPECT_THAT(problems_with("effective_from = 2026-01-01\n", ""),
              ElementsAre("p.toml:7: effective_from: is missing: a price without a date is none"));
  EXPECT_THAT(problems_with("2026-01-01", "\"soon\""),
              ElementsAre(HasSubstr("p.toml:10: effective_from: must be a date")));
  EXPECT_THAT(problems_with("2026-01-01", "2026-02-30"), ElementsAre(HasSubstr("p.toml:10:")));
  EXPECT_THAT(problems_with("\"region\"", "\"mars\""), ElementsAre(HasSubstr("scopes: \"mars\" is none")));
  EXPECT_THAT(problems_with("\"list\"", "\"lsit\""),
              ElementsAre(HasSubstr("there is no [[source]] \"lsit\"")));
  EXPECT_THAT(problems_with("0.0375", "inf"), ElementsAre("p.toml:12: output: is not a decimal number"));
  EXPECT_THAT(problems_with("0.0375", "nan"), ElementsAre("p.toml:12: output: is not a decimal number"));
  EXPECT_THAT(problems_with("0.0375", "1e12"), ElementsAre(HasSubstr("is out of range")));
  EXPECT_THAT(problems_with("0.0375", "2000000"), ElementsAre(HasSubstr("more than a million dollars")));
  EXPECT_THAT(problems_with("0.0375", "1e-10"), ElementsAre(HasSubstr("more than nine decimal places")));
  EXPECT_THAT(problems_with("0.0375", "\"3\""), ElementsAre(HasSubstr("must be a number of dollars")));
  EXPECT_THAT(problems_with("{ input = 3, output = 0.0375 }", "{}"), ElementsAre(HasSubstr("has no price")));
  EXPECT_THAT(problems_with("[\"a.model\"]", "[]"), ElementsAre(HasSubstr("models: must be a list")));
}

TEST(PriceFile, SeveralMistakes_AreAllTold) {
  EXPECT_EQ(problems("format = 2\n[[price]]\n").size(), 7U);
  EXPECT_THAT(problems("not toml"), ElementsAre(HasSubstr("p.toml:1: ")));
}

TEST(PriceFile, TwoEntriesForOneThing_NameBothLines) {
  EXPECT_THAT(
      problems(std::string(kHead) + std::string(kEntry) + std::string(kEntry)),
      ElementsAre(HasSubstr("p.toml:13: models: \"a.model\" in scope \"region\" has the same tier, day and "
                            "step in line 7")));
}

TEST(PriceFile, StepWithoutWhatIsBelow_IsAProblem) {
  EXPECT_THAT(problems_with("scopes =", "context_above = 200_000\nscopes ="),
              ElementsAre(HasSubstr("has no entry of the same scope, tier and day below")));
}

}  // namespace
}  // namespace caprock::gateway
