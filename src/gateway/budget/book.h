#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/budget/limit.h"

namespace caprock::gateway {

/// Who wants to spend, on what.
struct Spender {
  std::string tenant;
  std::string user;
  std::string key;
  std::string model;
};

/// What happened to money, in the order in which it did: whoever replays all of them has the same book.
struct BudgetEvent {
  enum class Kind : std::uint8_t {
    kSent,     ///< a call with this much reserved is on its way: counts until known better
    kSettled,  ///< it cost this much
  };
  Kind kind = Kind::kSent;
  std::uint64_t reservation = 0;
  base::NanoUsd amount;
  base::WallTime at{};                ///< of kSent: decides the periods
  std::vector<std::string> accounts;  ///< of kSent: whose money, in which period: "user:ann day 20534"
};

/// Where events are kept. Called under the book's lock, in order; an error refuses what was to happen.
using BudgetJournal = std::function<base::Result<void>(const BudgetEvent&)>;

/// The budgets: money is reserved at the most that a call can cost, atomically in every budget that it
/// touches, and settled after. The sum of what was spent and what is reserved never exceeds a limit, so
/// overspending is zero under any concurrency as long as a call costs no more than was reserved. A call
/// belongs to the periods in which it was reserved, so a clock that jumps neither loses nor doubles anything.
/// Thread safe; no call waits for anything but the lock and the journal.
class BudgetBook {
 public:
  /// Only kSent and kSettled go to the journal; a reservation that was never sent leaves no trace, so that a
  /// crash gives it back.
  BudgetBook(std::vector<BudgetLimit> limits, BudgetJournal journal);

  /// Reserves `most` wherever `who` has a limit. Errors: kRateLimited naming the budget, with `retry_after`
  /// when its period ends (none for a limit of a request); kInvalidArgument for a negative amount.
  base::Result<std::uint64_t> reserve(const Spender& who, base::NanoUsd most, base::WallTime now);
  /// To be called before the first byte is sent. An error of the journal: then nothing may be sent, and the
  /// reservation stands until it is released.
  base::Result<void> sent(std::uint64_t reservation);
  /// It cost so much; what was reserved beyond is free again. Also for calls that cost nothing. Unknown
  /// reservations are passed over, so settling twice does no harm. When the journal fails the cost counts
  /// here all the same, and after a crash the reserved maximum does.
  void settle(std::uint64_t reservation, base::NanoUsd cost);
  /// It was not sent.
  void release(std::uint64_t reservation) { settle(reservation, base::NanoUsd(0)); }

  /// Takes an event of the journal in. Before the first reservation, in order.
  void replay(const BudgetEvent& event);

  struct Standing {
    std::string account;  ///< "user:ann day"
    base::NanoUsd limit;
    base::NanoUsd spent;     ///< settled, in this period
    base::NanoUsd reserved;  ///< by calls on their way
  };
  /// Of every account that has been used in the periods of `now`.
  std::vector<Standing> standings(base::WallTime now) const;
  /// Events from which the same book comes, for a journal to begin anew with: calls on their way, and one
  /// settled call for what was spent in each account and period.
  std::vector<BudgetEvent> snapshot() const;

 private:
  struct Cell {
    base::NanoUsd spent;
    base::NanoUsd reserved;
  };
  struct Reservation {
    base::NanoUsd amount;
    base::WallTime at;
    bool sent = false;
    std::vector<std::string> accounts;
  };
  struct Wanted {
    std::string account;
    const BudgetLimit* limit;
  };
  std::vector<Wanted> wanted(const Spender& who, base::WallTime now) const;
  base::Result<void> check_request(const Spender& who, base::NanoUsd most) const;
  void hold(std::uint64_t id, Reservation reservation);
  void count(const Reservation& reservation, base::NanoUsd cost);
  void forget_old(base::WallTime now);

  const std::vector<BudgetLimit> limits_;
  const BudgetJournal journal_;
  mutable std::mutex mutex_;
  std::map<std::string, Cell> cells_;  ///< by account and period: "user:ann day 20534"
  std::unordered_map<std::uint64_t, Reservation> reservations_;
  std::uint64_t next_ = 1;
  std::int64_t today_ = 0;
};

}  // namespace caprock::gateway
