#include "stores/sqlite/usage_ledger.h"

#include <pthread.h>

#include <iterator>
#include <limits>

#include "base/log.h"
#include "stores/sqlite/codec.h"

namespace caprock::stores {
namespace {

using base::Result;

constexpr std::size_t kGroup = 1000;  // rows in one transaction
// A commit for each few rows of a busy process would cost more than the calls that they tell of.
constexpr std::chrono::milliseconds kGather{100};
constexpr std::chrono::seconds kAgain{1};
constexpr std::chrono::minutes kForget{10};
constexpr std::int64_t kSlice = 5000;

constexpr const char* kTables = R"sql(
CREATE TABLE usage (
  no INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL, at INTEGER NOT NULL, request_id TEXT NOT NULL,
  user TEXT NOT NULL, key_id TEXT NOT NULL, use_case TEXT NOT NULL,
  surface TEXT NOT NULL, operation TEXT NOT NULL, model_asked TEXT NOT NULL,
  provider TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, model TEXT NOT NULL,
  reason TEXT NOT NULL, attempts INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL, cache_write_1h_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,
  usage_known INTEGER NOT NULL, nano_usd INTEGER,
  latency_us INTEGER NOT NULL, first_event_us INTEGER, outcome TEXT NOT NULL, error TEXT NOT NULL
) STRICT;
CREATE INDEX usage_tenant ON usage (tenant, at);
)sql";

constexpr const char* kInsert =
    "INSERT INTO usage (tenant, at, request_id, user, key_id, use_case, surface, operation, model_asked, "
    "provider, account, region, model, reason, attempts, input_tokens, output_tokens, cache_read_tokens, "
    "cache_write_tokens, cache_write_1h_tokens, reasoning_tokens, usage_known, nano_usd, latency_us, "
    "first_event_us, outcome, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, "
    "?, ?, ?, ?)";

std::optional<std::int64_t> count_of(const std::optional<std::chrono::microseconds>& span) {
  if (!span) return std::nullopt;
  return span->count();
}

Result<void> insert(Connection& db, const UsageRow& r) {
  const llm::Usage& u = r.usage;
  return db.execute(kInsert, r.tenant.str(), encode_time(r.at), r.request_id, r.user, r.key_id, r.use_case,
                    r.surface, r.operation, r.model_asked, r.provider, r.account, r.region, r.model, r.reason,
                    r.attempts, u.input_tokens, u.output_tokens, u.cache_read_tokens, u.cache_write_tokens,
                    u.cache_write_1h_tokens, u.reasoning_tokens, r.usage_known ? 1 : 0, u.billed_nano_usd,
                    r.latency.count(), count_of(r.first_event), r.outcome, r.error);
}

// One constant statement a group: text from outside is never a part of it.
#define CAPROCK_USAGE_SUMS                                                                               \
  ", count(*), sum(outcome <> 'ok'), sum(nano_usd IS NULL), sum(input_tokens), sum(output_tokens), "     \
  "sum(cache_read_tokens), sum(cache_write_tokens), sum(cache_write_1h_tokens), sum(reasoning_tokens), " \
  "sum(nano_usd) FROM usage WHERE at >= ? AND at < ?"
#define CAPROCK_USAGE_REPORT(group) "SELECT " group CAPROCK_USAGE_SUMS " AND tenant = ? GROUP BY 1 ORDER BY 1"

const char* statement(UsageGroup by) {
  switch (by) {
    case UsageGroup::kDay:
      return CAPROCK_USAGE_REPORT("date(at / 1000000, 'unixepoch')");
    case UsageGroup::kWeek:
      return CAPROCK_USAGE_REPORT("date(at / 1000000, 'unixepoch', 'weekday 0', '-6 days')");
    case UsageGroup::kMonth:
      return CAPROCK_USAGE_REPORT("strftime('%Y-%m', at / 1000000, 'unixepoch')");
    case UsageGroup::kModel:
      return CAPROCK_USAGE_REPORT("CASE model WHEN '' THEN model_asked ELSE model END");
    case UsageGroup::kUser:
      return CAPROCK_USAGE_REPORT("user");
    case UsageGroup::kKey:
      return CAPROCK_USAGE_REPORT("key_id");
    case UsageGroup::kTenant:
      // The third parameter is bound all the same.
      return "SELECT tenant" CAPROCK_USAGE_SUMS " AND ? IS NOT NULL GROUP BY 1 ORDER BY 1";
  }
  return "";
}

UsageTotal read_total(const Statement& row) {
  UsageTotal total{.group = row.string(0),
                   .calls = row.integer(1),
                   .failed = row.integer(2),
                   .unpriced = row.integer(3),
                   .usage = {.input_tokens = row.integer(4),
                             .output_tokens = row.integer(5),
                             .cache_read_tokens = row.integer(6),
                             .cache_write_tokens = row.integer(7),
                             .cache_write_1h_tokens = row.integer(8),
                             .reasoning_tokens = row.integer(9)}};
  if (!row.is_null(10)) total.usage.billed_nano_usd = row.integer(10);
  return total;
}

}  // namespace

base::SettingsSection LedgerSettings::describe() {
  return {.name = "ledger",
          .help = "The account of every call to a model",
          .settings = {{.key = "queue",
                        .target = &queue,
                        .help = "calls that wait to be written; those above it are written to the log",
                        .min = 1000,
                        .max = 10'000'000},
                       {.key = "retention",
                        .target = &retention,
                        .help = "calls before that are forgotten",
                        .min = 86'400'000}}};
}

SchemaPart usage_tables() { return {"usage", {kTables}}; }

SqliteUsageLedger::SqliteUsageLedger(Database& db, const base::Clock& clock, const LedgerSettings& settings)
    : db_(db), clock_(clock), settings_(settings), thread_([this] { work(); }) {}

SqliteUsageLedger::~SqliteUsageLedger() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  for (const UsageRow& row : waiting_) log_usage_row(row);
}

bool SqliteUsageLedger::record(UsageRow row) {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= static_cast<std::size_t>(settings_.queue)) return false;
    waiting_.push_back(std::move(row));
    due = waiting_.size() == 1 || waiting_.size() == kGroup;
  }
  if (due) wake_.notify_one();
  return true;
}

void SqliteUsageLedger::work() {
  ::pthread_setname_np(::pthread_self(), "usage-ledger");
  auto forgotten = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (true) {
    // While there is trouble every attempt is a pause apart.
    if (trouble_.empty())
      wake_.wait_for(lock, kForget, [&] { return stopping_ || !waiting_.empty(); });
    else
      wake_.wait_for(lock, kAgain, [&] { return stopping_; });
    if (!waiting_.empty() && trouble_.empty())
      wake_.wait_for(lock, kGather, [&] { return stopping_ || flushing_ > 0 || waiting_.size() >= kGroup; });
    const bool last = stopping_;
    if (waiting_.empty() && last) return;
    Rows rows;
    while (!waiting_.empty() && rows.size() < kGroup) {
      rows.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    writing_ = !rows.empty();
    lock.unlock();
    const bool written = rows.empty() || write(rows);
    if (const auto now = std::chrono::steady_clock::now(); written && !last && now - forgotten >= kForget) {
      forgotten = now;
      if (const auto gone = forget_old(); !gone)
        base::log(base::LogLevel::kWarn, "old usage could not be forgotten",
                  {{"detail", gone.error().detail}});
    }
    lock.lock();
    settle(std::move(rows), written);
    if (last && !written) return;
  }
}

bool SqliteUsageLedger::write(const Rows& rows) {
  const Result<void> done = db_.write_blocking([&](Connection& db) -> Result<void> {
    for (const UsageRow& row : rows) CAPROCK_CHECK(insert(db, row));
    return {};
  });
  const std::lock_guard lock(mutex_);
  if (!done && trouble_.empty())
    base::log(base::LogLevel::kError, "usage cannot be written, it waits in memory",
              {{"rows", rows.size()}, {"reason", done.error().message}, {"detail", done.error().detail}});
  trouble_ = done ? std::string() : done.error().message;
  return done.has_value();
}

// What was not written goes before what has come since.
void SqliteUsageLedger::settle(Rows rows, bool written) {
  if (!written)
    waiting_.insert(waiting_.begin(), std::move_iterator(rows.begin()), std::move_iterator(rows.end()));
  writing_ = false;
  ++rounds_;
  idle_.notify_all();
}

void SqliteUsageLedger::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t now = rounds_;
  ++flushing_;
  wake_.notify_one();
  idle_.wait(lock, [&] { return (waiting_.empty() && !writing_) || (rounds_ > now && !trouble_.empty()); });
  --flushing_;
}

Result<std::int64_t> SqliteUsageLedger::forget_old() {
  const std::int64_t before = encode_time(clock_.wall() - settings_.retention);
  std::int64_t gone = 0;
  while (true) {
    // Rows are numbered about in the order of their time: the oldest slice is enough to look at.
    CAPROCK_TRY(const std::int64_t some, db_.write_blocking([&](Connection& db) -> Result<std::int64_t> {
      CAPROCK_CHECK(db.execute("DELETE FROM usage WHERE no < (SELECT min(no) FROM usage) + ? AND at < ?",
                               kSlice, before));
      return db.changes();
    }));
    gone += some;
    if (some < kSlice) return gone;
  }
}

base::Awaitable<Result<std::vector<UsageTotal>>> SqliteUsageLedger::report(
    const base::RequestContext& context, UsageQuery query) {
  auto work = [&](Connection& db) -> Result<std::vector<UsageTotal>> {
    CAPROCK_TRY(Statement rows, db.prepare(statement(query.by)));
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
    rows.bind(query.from ? encode_time(*query.from) : -kEnd, query.to ? encode_time(*query.to) : kEnd,
              context.principal.tenant.str());
    std::vector<UsageTotal> totals;
    while (true) {
      CAPROCK_TRY(const bool row, rows.step());
      if (!row) return totals;
      totals.push_back(read_total(rows));
    }
  };
  co_return co_await db_.read(context, std::move(work));
}

SqliteUsageLedger::Status SqliteUsageLedger::status() const {
  const std::lock_guard lock(mutex_);
  return {.waiting = waiting_.size(), .trouble = trouble_};
}

void log_usage_row(const UsageRow& row) {
  const llm::Usage& used = row.usage;
  base::log(base::LogLevel::kError, "usage that is not in the ledger",
            {{"tenant", row.tenant.str()},
             {"request_id", row.request_id},
             {"user", row.user},
             {"key_id", row.key_id},
             {"model", row.model.empty() ? row.model_asked : row.model},
             {"input_tokens", used.input_tokens},
             {"output_tokens", used.output_tokens},
             {"cache_read_tokens", used.cache_read_tokens},
             {"cache_write_tokens", used.cache_write_tokens},
             {"nano_usd", used.billed_nano_usd ? std::to_string(*used.billed_nano_usd) : "unknown"},
             {"outcome", row.outcome}});
}

}  // namespace caprock::stores
