#include "gateway/budget/limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caprock::gateway {
namespace {

using base::failure;
using base::NanoUsd;
using base::Result;
using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::pair<std::string_view, BudgetOf>, 5> kWhose{{{"all", BudgetOf::kAll},
                                                                       {"tenant", BudgetOf::kTenant},
                                                                       {"user", BudgetOf::kUser},
                                                                       {"key", BudgetOf::kKey},
                                                                       {"model", BudgetOf::kModel}}};
constexpr std::array<std::pair<std::string_view, BudgetPeriod>, 4> kPeriods{
    {{"request", BudgetPeriod::kRequest},
     {"day", BudgetPeriod::kDay},
     {"week", BudgetPeriod::kWeek},
     {"month", BudgetPeriod::kMonth}}};
// More than anybody spends, and far from where sums of amounts would end.
constexpr NanoUsd kHighest = NanoUsd::dollars(1'000'000'000);
constexpr const char* kForm =
    "a budget is PERIOD=DOLLARS or WHAT:NAME/PERIOD=DOLLARS, such as \"day=25\" or \"user:*/month=10.50\"";

sys_days monday_of(sys_days day) { return day - (std::chrono::weekday(day) - std::chrono::Monday); }
sys_days first_of_month(sys_days day) {
  const year_month_day date(day);
  return sys_days(date.year() / date.month() / 1);
}
sys_days day_of(base::WallTime at) { return std::chrono::floor<days>(at); }

sys_days begin_of(BudgetPeriod period, base::WallTime at) {
  switch (period) {
    case BudgetPeriod::kWeek:
      return monday_of(day_of(at));
    case BudgetPeriod::kMonth:
      return first_of_month(day_of(at));
    case BudgetPeriod::kRequest:
    case BudgetPeriod::kDay:
      break;
  }
  return day_of(at);
}

std::unexpected<base::Error> wrong(const std::string& setting, const std::string& text,
                                   const std::string& why) {
  return failure(base::invalid_argument(setting, fmt::format("{}: \"{}\" {}", setting, text, why)));
}

template <class Table>
auto word(const Table& table, std::string_view text) -> std::optional<decltype(table.front().second)> {
  const auto found = std::ranges::find(table, text, [](const auto& row) { return row.first; });
  if (found == table.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::string_view name_of(BudgetOf of) { return kWhose.at(static_cast<std::size_t>(of)).first; }
std::string_view name_of(BudgetPeriod period) { return kPeriods.at(static_cast<std::size_t>(period)).first; }

std::string BudgetLimit::text() const {
  return who.empty() ? fmt::format("{} {}", name_of(of), name_of(period))
                     : fmt::format("{}:{} {}", name_of(of), who, name_of(period));
}

Result<BudgetLimit> parse_budget(const std::string& text, const std::string& setting) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) return wrong(setting, text, fmt::format("has no amount; {}", kForm));
  BudgetLimit limit;
  std::string_view left = std::string_view(text).substr(0, equals);
  if (const std::size_t slash = left.rfind('/'); slash != std::string_view::npos) {
    const std::string_view whose = left.substr(0, slash);
    left.remove_prefix(slash + 1);
    const std::size_t colon = std::min(whose.find(':'), whose.size());
    const auto of = word(kWhose, whose.substr(0, colon));
    limit.who = whose.substr(std::min(colon + 1, whose.size()));
    if (!of || (*of == BudgetOf::kAll) != limit.who.empty())
      return wrong(setting, text, fmt::format("names nobody; {}", kForm));
    limit.of = *of;
  }
  const auto period = word(kPeriods, left);
  if (!period) return wrong(setting, text, "has no period; it is one of request, day, week, month");
  limit.period = *period;
  const auto amount = base::parse_dollars(text.substr(equals + 1));
  if (!amount) return wrong(setting, text, fmt::format("has an amount that {}", amount.error()));
  if (*amount < NanoUsd(0)) return wrong(setting, text, "has a negative amount");
  if (*amount > kHighest) return wrong(setting, text, "has more than a billion dollars");
  limit.amount = *amount;
  return limit;
}

Result<std::vector<BudgetLimit>> parse_budgets(const std::vector<std::string>& texts,
                                               const std::string& setting) {
  std::vector<BudgetLimit> limits;
  for (const std::string& text : texts) {
    CAPROCK_TRY(BudgetLimit limit, parse_budget(text, setting));
    for (const BudgetLimit& other : limits) {
      if (other.of != limit.of || other.who != limit.who) continue;
      if (other.period == limit.period)
        return wrong(setting, text, fmt::format("is the second amount for {}", limit.text()));
      const bool longer = limit.period > other.period;
      const BudgetLimit& small = longer ? other : limit;
      const BudgetLimit& large = longer ? limit : other;
      if (small.amount > large.amount)
        return wrong(setting, text,
                     fmt::format("cannot be: {} allows {}, but {} only {}", small.text(), small.amount.text(),
                                 large.text(), large.amount.text()));
    }
    limits.push_back(std::move(limit));
  }
  return limits;
}

std::int64_t period_number(BudgetPeriod period, base::WallTime at) {
  return period == BudgetPeriod::kRequest ? 0 : begin_of(period, at).time_since_epoch().count();
}

base::WallTime period_end(BudgetPeriod period, base::WallTime at) {
  switch (period) {
    case BudgetPeriod::kRequest:
      return at;
    case BudgetPeriod::kDay:
      return day_of(at) + days(1);
    case BudgetPeriod::kWeek:
      return monday_of(day_of(at)) + days(7);
    case BudgetPeriod::kMonth:
      return first_of_month(first_of_month(day_of(at)) + days(31));
  }
  return at;
}

}  // namespace caprock::gateway
