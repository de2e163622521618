#include "gateway/budget/limit.h"

#include <gmock/gmock.h>

namespace caprock::gateway {
namespace {

using base::NanoUsd;
using std::chrono::sys_days;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::string problem(const std::string& text) {
  const auto limit = parse_budget(text, "budget.limits");
  return limit ? "none" : limit.error().message;
}

TEST(BudgetLimit, EveryForm_IsRead) {
  const auto day = parse_budget("day=25", "s");
  ASSERT_TRUE(day);
  EXPECT_EQ(day->of, BudgetOf::kAll);
  EXPECT_EQ(day->amount, NanoUsd::dollars(25));
  const auto user = parse_budget("user:*/month=10.5", "s");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->text(), "user:* month");
  EXPECT_EQ(user->amount, NanoUsd(10'500'000'000));
  const auto model = parse_budget("model:openai/gpt=4/request=0.10", "s");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->who, "openai/gpt=4");
  EXPECT_EQ(model->period, BudgetPeriod::kRequest);
}

TEST(BudgetLimit, WrongOnes_AreNamed) {
  EXPECT_THAT(problem("day=-1"), HasSubstr("budget.limits: \"day=-1\" has a negative amount"));
  EXPECT_THAT(problem("day=1e9"), HasSubstr("is not a decimal number"));
  EXPECT_THAT(problem("day=1000000001"), HasSubstr("more than a billion dollars"));
  EXPECT_THAT(problem("day=99999999999999999999"), HasSubstr("out of range"));
  EXPECT_THAT(problem("year=1"), HasSubstr("has no period"));
  EXPECT_THAT(problem("usr:a/day=1"), HasSubstr("names nobody"));
  EXPECT_THAT(problem("user:/day=1"), HasSubstr("names nobody"));
  EXPECT_THAT(problem("all:x/day=1"), HasSubstr("names nobody"));
  EXPECT_THAT(problem("day"), HasSubstr("has no amount"));
}

TEST(BudgetLimits, Contradictions_NameBoth) {
  const auto problem_of = [](const std::vector<std::string>& texts) {
    const auto limits = parse_budgets(texts, "s");
    return limits ? "none" : limits.error().message;
  };
  EXPECT_THAT(problem_of({"day=10", "day=11"}), HasSubstr("second amount for all day"));
  EXPECT_THAT(problem_of({"month=5", "day=10"}), HasSubstr("all day allows 10, but all month only 5"));
  EXPECT_EQ(problem_of({"month=50", "day=10", "user:a/day=20", "request=1"}), "none");
}

TEST(BudgetPeriod, Ends_AreThoseOfUtc) {
  const base::WallTime at = sys_days{2026y / 12 / 31} + 13h;  // a Thursday
  EXPECT_EQ(period_end(BudgetPeriod::kDay, at), sys_days{2027y / 1 / 1});
  EXPECT_EQ(period_end(BudgetPeriod::kWeek, at), sys_days{2027y / 1 / 4});
  EXPECT_EQ(period_end(BudgetPeriod::kMonth, at), sys_days{2027y / 1 / 1});
  EXPECT_EQ(period_end(BudgetPeriod::kMonth, sys_days{2026y / 1 / 31}), sys_days{2026y / 2 / 1});
  EXPECT_EQ(period_number(BudgetPeriod::kWeek, at), period_number(BudgetPeriod::kWeek, at + 72h));
  EXPECT_NE(period_number(BudgetPeriod::kWeek, at), period_number(BudgetPeriod::kWeek, at + 96h));
}

}  // namespace
}  // namespace caprock::gateway
