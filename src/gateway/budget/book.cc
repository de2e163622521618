#include "gateway/budget/book.h"

#include <fmt/format.h>

#include <algorithm>

namespace caprock::gateway {
namespace {

using base::failure;
using base::NanoUsd;
using base::Result;

// Cells of periods that ended longer ago are forgotten: a month, and a clock that was a little off.
constexpr std::chrono::days kKept{40};

const std::string& whose(const Spender& who, BudgetOf of) {
  static const std::string kNobody;
  switch (of) {
    case BudgetOf::kTenant:
      return who.tenant;
    case BudgetOf::kUser:
      return who.user;
    case BudgetOf::kKey:
      return who.key;
    case BudgetOf::kModel:
      return who.model;
    case BudgetOf::kAll:
      break;
  }
  return kNobody;
}

// A name belongs to its tenant: two tenants' users of one name are two. Limits of one name hold for it in
// every tenant, each by itself.
std::string owner(const Spender& who, BudgetOf of) {
  const bool within = of == BudgetOf::kUser || of == BudgetOf::kKey;
  if (of == BudgetOf::kAll) return std::string(name_of(of));
  return within ? fmt::format("{}:{}/{}", name_of(of), who.tenant, whose(who, of))
                : fmt::format("{}:{}", name_of(of), whose(who, of));
}

bool concerns(const BudgetLimit& limit, const Spender& who) {
  if (limit.of == BudgetOf::kAll) return true;
  const std::string& name = whose(who, limit.of);
  return !name.empty() && (limit.who == "*" || limit.who == name);
}

base::Error exceeded(const BudgetLimit& limit, NanoUsd left, NanoUsd most) {
  return {base::ErrorKind::kRateLimited,
          fmt::format("the budget {} of {} dollars has {} left, and this call may cost {}", limit.text(),
                      limit.amount.text(), std::max(left, NanoUsd(0)).text(), most.text())};
}

std::chrono::seconds until(base::WallTime end, base::WallTime now) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(end - now), std::chrono::seconds(1));
}

// The last word of a cell's name: the first day of its period, counted from 1970.
std::int64_t period_of(const std::string& account) {
  std::int64_t number = 0;
  for (const char digit : std::string_view(account).substr(account.rfind(' ') + 1))
    if (digit >= '0' && digit <= '9') number = std::min<std::int64_t>(number * 10 + (digit - '0'), 1'000'000);
  return number;
}

}  // namespace

BudgetBook::BudgetBook(std::vector<BudgetLimit> limits, BudgetJournal journal)
    : limits_(std::move(limits)), journal_(std::move(journal)) {}

// A limit that names somebody goes before the one for each of them.
std::vector<BudgetBook::Wanted> BudgetBook::wanted(const Spender& who, base::WallTime now) const {
  std::vector<Wanted> found;
  for (const BudgetLimit& limit : limits_) {
    if (limit.period == BudgetPeriod::kRequest || !concerns(limit, who)) continue;
    std::string account = fmt::format("{} {} {}", owner(who, limit.of), name_of(limit.period),
                                      period_number(limit.period, now));
    const auto same = std::ranges::find(found, account, &Wanted::account);
    if (same == found.end())
      found.push_back({std::move(account), &limit});
    else if (same->limit->who == "*")
      same->limit = &limit;
  }
  return found;
}

Result<void> BudgetBook::check_request(const Spender& who, NanoUsd most) const {
  for (const BudgetLimit& limit : limits_)
    if (limit.period == BudgetPeriod::kRequest && concerns(limit, who) && most > limit.amount)
      return failure(exceeded(limit, limit.amount, most));
  return {};
}

Result<std::uint64_t> BudgetBook::reserve(const Spender& who, NanoUsd most, base::WallTime now) {
  if (most < NanoUsd(0))
    return failure(base::invalid_argument("amount", "an amount to reserve is not negative"));
  CAPROCK_CHECK(check_request(who, most));
  std::vector<Wanted> all = wanted(who, now);
  const std::lock_guard lock(mutex_);
  forget_old(now);
  for (const Wanted& one : all) {
    const auto cell = cells_.find(one.account);
    const NanoUsd taken = cell == cells_.end() ? NanoUsd(0) : cell->second.spent + cell->second.reserved;
    if (most > one.limit->amount - taken)
      return failure(exceeded(*one.limit, one.limit->amount - taken, most)
                         .with_retry_after(until(period_end(one.limit->period, now), now)));
  }
  Reservation reservation{.amount = most, .at = now};
  for (Wanted& one : all) reservation.accounts.push_back(std::move(one.account));
  const std::uint64_t id = next_++;
  hold(id, std::move(reservation));
  return id;
}

void BudgetBook::hold(std::uint64_t id, Reservation reservation) {
  for (const std::string& account : reservation.accounts) cells_[account].reserved += reservation.amount;
  reservations_.emplace(id, std::move(reservation));
}

Result<void> BudgetBook::sent(std::uint64_t reservation) {
  const std::lock_guard lock(mutex_);
  const auto found = reservations_.find(reservation);
  if (found == reservations_.end()) return failure(base::internal_error("sent without a reservation"));
  Reservation& held = found->second;
  if (held.sent || held.accounts.empty()) return {};
  if (journal_)
    CAPROCK_CHECK(journal_({.kind = BudgetEvent::Kind::kSent,
                            .reservation = reservation,
                            .amount = held.amount,
                            .at = held.at,
                            .accounts = held.accounts}));
  held.sent = true;
  return {};
}

void BudgetBook::settle(std::uint64_t reservation, NanoUsd cost) {
  const std::lock_guard lock(mutex_);
  const auto found = reservations_.find(reservation);
  if (found == reservations_.end()) return;
  if (found->second.sent && journal_)
    (void)journal_({.kind = BudgetEvent::Kind::kSettled, .reservation = reservation, .amount = cost});
  count(found->second, cost);
  reservations_.erase(found);
}

void BudgetBook::count(const Reservation& reservation, NanoUsd cost) {
  for (const std::string& account : reservation.accounts) {
    Cell& cell = cells_[account];
    cell.reserved -= reservation.amount;
    cell.spent += std::max(cost, NanoUsd(0));
  }
}

void BudgetBook::replay(const BudgetEvent& event) {
  const std::lock_guard lock(mutex_);
  next_ = std::max(next_, event.reservation + 1);
  if (event.kind == BudgetEvent::Kind::kSent) {
    if (reservations_.contains(event.reservation)) return;
    hold(event.reservation,
         {.amount = event.amount, .at = event.at, .sent = true, .accounts = event.accounts});
    return;
  }
  const auto found = reservations_.find(event.reservation);
  if (found == reservations_.end()) return;
  count(found->second, event.amount);
  reservations_.erase(found);
}

// Once a day. Cells with money on its way stay.
void BudgetBook::forget_old(base::WallTime now) {
  const std::int64_t today = period_number(BudgetPeriod::kDay, now);
  if (today == today_) return;
  today_ = today;
  std::erase_if(cells_, [&](const auto& one) {
    return one.second.reserved == NanoUsd(0) && period_of(one.first) < today - kKept.count();
  });
}

std::vector<BudgetBook::Standing> BudgetBook::standings(base::WallTime now) const {
  const std::lock_guard lock(mutex_);
  std::vector<Standing> out;
  for (const auto& [name, cell] : cells_) {
    for (const BudgetLimit& limit : limits_) {
      const std::string end = fmt::format(" {} {}", name_of(limit.period), period_number(limit.period, now));
      if (!name.ends_with(end)) continue;
      const std::string account = name.substr(0, name.size() - end.size());
      const std::string prefix = std::string(name_of(limit.of));
      const std::size_t start =
          account.find(limit.of == BudgetOf::kUser || limit.of == BudgetOf::kKey ? '/' : ':');
      const std::string who = start == std::string::npos ? std::string() : account.substr(start + 1);
      if (account.substr(0, account.find(':')) != prefix || (limit.who != "*" && limit.who != who)) continue;
      const std::string shown = fmt::format("{} {}", account, name_of(limit.period));
      const auto same = std::ranges::find(out, shown, &Standing::account);
      if (same != out.end() && limit.who == "*") continue;
      if (same != out.end())
        same->limit = limit.amount;
      else
        out.push_back(
            {.account = shown, .limit = limit.amount, .spent = cell.spent, .reserved = cell.reserved});
    }
  }
  return out;
}

std::vector<BudgetEvent> BudgetBook::snapshot() const {
  const std::lock_guard lock(mutex_);
  std::vector<BudgetEvent> events;
  std::uint64_t id = next_;
  for (const auto& [name, cell] : cells_) {
    if (cell.spent == NanoUsd(0)) continue;
    events.push_back({.reservation = id, .accounts = {name}});
    events.push_back({.kind = BudgetEvent::Kind::kSettled, .reservation = id++, .amount = cell.spent});
  }
  for (const auto& [number, held] : reservations_)
    if (held.sent)
      events.push_back(
          {.reservation = number, .amount = held.amount, .at = held.at, .accounts = held.accounts});
  return events;
}

}  // namespace caprock::gateway
