#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "stores/sqlite/database.h"
#include "stores/usage_ledger.h"

namespace caprock::stores {

struct LedgerSettings {
  std::int64_t queue = 100'000;  ///< rows that wait to be written; those above it are logged instead
  std::chrono::milliseconds retention = std::chrono::hours(24 * 400);
  base::SettingsSection describe();
};

/// The tables of the ledger.
SchemaPart usage_tables();

/// UsageLedger over SQLite. A thread of its own gathers for a tenth of a second, which a kill -9 can cost,
/// and writes in one transaction; what cannot be written (the disk is full) waits and is tried again.
/// Destruction writes what is left, and logs what it cannot.
class SqliteUsageLedger final : public UsageLedger {
 public:
  /// Both must outlive it.
  SqliteUsageLedger(Database& db, const base::Clock& clock, const LedgerSettings& settings);
  ~SqliteUsageLedger() override;
  bool record(UsageRow row) override;
  base::Awaitable<base::Result<std::vector<UsageTotal>>> report(const base::RequestContext& context,
                                                                UsageQuery query) override;
  Status status() const override;

  /// Waits until everything that was recorded before is durable or has failed once. For tests and the stop.
  void flush();
  /// Forgets rows that are older than the retention, a slice at a time; how many went. Blocks.
  base::Result<std::int64_t> forget_old();

 private:
  using Rows = std::vector<UsageRow>;
  void work();
  bool write(const Rows& rows);
  void settle(Rows rows, bool written);

  Database& db_;
  const base::Clock& clock_;
  const LedgerSettings settings_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<UsageRow> waiting_;
  std::string trouble_;
  std::uint64_t rounds_ = 0;
  bool writing_ = false;
  int flushing_ = 0;  ///< callers of flush()
  bool stopping_ = false;
  std::thread thread_;  ///< last: it uses everything above
};

/// A row as one line for the log, for when the ledger cannot take it: nothing goes unaccounted.
void log_usage_row(const UsageRow& row);

}  // namespace caprock::stores
