#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "base/settings.h"
#include "stores/sqlite/connection.h"
#include "stores/sqlite/schema.h"

namespace caprock::stores {

struct DatabaseSettings {
  std::int64_t readers = 4;             ///< connections, and threads, that read
  std::int64_t read_queue = 1024;       ///< waiting reads above this are refused
  std::int64_t write_queue = 4096;      ///< waiting writes above this are refused
  base::Bytes reader_cache{16U << 20};  ///< of each connection
  base::Bytes checkpoint{16U << 20};    ///< the write-ahead log is copied into the file at this size
  std::string vfs;                      ///< SQLite's file layer; tests inject faults with it. Not a setting.
  base::SettingsSection describe();
};

/// A SQLite file in WAL mode with synchronous=FULL: one writer that commits in groups, a few readers.
/// Statements are prepared and cached per connection. Thread safe. Errors of every call besides the work's
/// own: kOutOfSpace (disk full), kUnavailable (queue full, I/O error), kInternal; kCancelled and
/// kDeadlineExceeded before the work began.
class Database {
 public:
  /// Opens or makes the file and brings the tables of `parts` up to date. Blocks. kConflict: see migrate().
  static base::Result<std::unique_ptr<Database>> open(const std::string& path,
                                                      const std::vector<SchemaPart>& parts,
                                                      const DatabaseSettings& settings = {});
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs `work(Connection&)` → Result<T> on the writer's thread, in a transaction that it shares with other
  /// jobs; resumes on the caller's executor when it is durable. An error of `work` undoes this job and no
  /// other; a full disk or a failed commit fails the whole group. Work may refer to the caller's frame; it
  /// never blocks on other work.
  template <class Work>
  auto write(const base::RequestContext& context, Work work)
      -> base::Awaitable<std::invoke_result_t<Work&, Connection&>> {
    std::optional<std::invoke_result_t<Work&, Connection&>> answer;
    auto job = [&work, &answer](Connection& db) { return keep(answer, work(db)); };
    base::Result<void> durable = co_await write_erased(context, std::move(job));
    if (!durable) co_return base::failure(std::move(durable).error());
    co_return std::move(*answer);
  }

  /// Runs `work(Connection&)` → Result<T> on a reader's thread, in one snapshot; resumes on the caller's
  /// executor.
  template <class Work>
  auto read(const base::RequestContext& context, Work work)
      -> base::Awaitable<std::invoke_result_t<Work&, Connection&>> {
    std::optional<std::invoke_result_t<Work&, Connection&>> answer;
    auto job = [&work, &answer](Connection& db) { return keep(answer, work(db)); };
    base::Result<void> done = co_await read_erased(context, std::move(job));
    if (!done) co_return base::failure(std::move(done).error());
    co_return std::move(*answer);
  }

  // The same for threads that may block (start-up, background work, tests). Never from an I/O loop.
  template <class Work>
  auto write_blocking(Work work) -> std::invoke_result_t<Work&, Connection&> {
    std::optional<std::invoke_result_t<Work&, Connection&>> answer;
    auto durable = write_and_wait([&work, &answer](Connection& db) { return keep(answer, work(db)); });
    if (!durable) return base::failure(std::move(durable).error());
    return std::move(*answer);
  }
  template <class Work>
  auto read_blocking(Work work) -> std::invoke_result_t<Work&, Connection&> {
    std::optional<std::invoke_result_t<Work&, Connection&>> answer;
    auto done = read_and_wait([&work, &answer](Connection& db) { return keep(answer, work(db)); });
    if (!done) return base::failure(std::move(done).error());
    return std::move(*answer);
  }

  /// PRAGMA integrity_check and foreign_key_check: kInternal with what they found. Reads the whole file;
  /// blocks.
  base::Result<void> check_integrity();
  /// Gives all free pages back to the file system now; otherwise this happens when nothing is written.
  /// Blocks.
  base::Result<void> reclaim();

 private:
  using Job = std::move_only_function<base::Result<void>(Connection&)>;
  template <class R>
  static base::Result<void> keep(std::optional<R>& answer, R result) {
    answer.emplace(std::move(result));
    if (!*answer) return base::failure(answer->error());
    return {};
  }
  base::Awaitable<base::Result<void>> write_erased(const base::RequestContext& context, Job work);
  base::Awaitable<base::Result<void>> read_erased(const base::RequestContext& context, Job work);
  base::Result<void> write_and_wait(Job work);
  base::Result<void> read_and_wait(Job work);

  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace caprock::stores
