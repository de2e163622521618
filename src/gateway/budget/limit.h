#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"

namespace caprock::gateway {

/// Whose money it is.
enum class BudgetOf : std::uint8_t { kAll, kTenant, kUser, kKey, kModel };
/// For how long it is meant. Days, weeks (from Monday) and months are of UTC.
enum class BudgetPeriod : std::uint8_t { kRequest, kDay, kWeek, kMonth };

std::string_view name_of(BudgetOf of);
std::string_view name_of(BudgetPeriod period);

/// So much money, for one of them and a period.
struct BudgetLimit {
  BudgetOf of = BudgetOf::kAll;
  std::string who;  ///< the tenant, user, key or model; "*": each one by itself; of kAll: empty
  BudgetPeriod period = BudgetPeriod::kDay;
  base::NanoUsd amount;
  /// "tenant:acme day": its name in settings and messages.
  std::string text() const;
};

/// "day=25", "tenant:acme/month=1000", "user:*/day=2.50", "model:amazon.nova-pro-v1:0/request=0.10": what,
/// period and dollars. kInvalidArgument with field `setting`, naming what is wrong: an unknown word, an
/// amount that is negative, inexact or above a billion dollars.
base::Result<BudgetLimit> parse_budget(const std::string& text, const std::string& setting);
/// All of them. kConflict-free lists only: two amounts for the same thing and period, or a limit that can
/// never be reached because a longer period of the same thing has less, are errors that name both.
base::Result<std::vector<BudgetLimit>> parse_budgets(const std::vector<std::string>& texts,
                                                     const std::string& setting);

/// The number of the period that `at` is in; of a request: 0.
std::int64_t period_number(BudgetPeriod period, base::WallTime at);
/// When the period after that one begins; `at` for a request.
base::WallTime period_end(BudgetPeriod period, base::WallTime at);

}  // namespace caprock::gateway
