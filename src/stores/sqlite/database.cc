#include "stores/sqlite/database.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "base/blocking_pool.h"
#include "stores/sqlite/reader_pool.h"
#include "stores/sqlite/writer.h"

namespace caprock::stores {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

constexpr std::int64_t kPageSize = 4096;

Error queue_full() {
  return Error(ErrorKind::kUnavailable, "too much is being written at once, try again")
      .with_retry_after(std::chrono::seconds(1))
      .with_detail("the queue of the database writer is full ([stores] write_queue)");
}

// auto_vacuum and page_size must stand before the first table; everything else is per connection.
Result<std::unique_ptr<Connection>> open_writer(const std::string& path, const DatabaseSettings& settings) {
  CAPROCK_TRY(auto db, Connection::open(path, Connection::Mode::kReadWrite, settings.vfs));
  const auto pages = static_cast<std::int64_t>(settings.checkpoint.count) / kPageSize;
  CAPROCK_CHECK(
      db->run_script("PRAGMA page_size = " + std::to_string(kPageSize) +
                     "; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; "
                     "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; "
                     "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = " +
                     std::to_string(pages)));
  return db;
}

Result<std::vector<std::unique_ptr<Connection>>> open_readers(const std::string& path,
                                                              const DatabaseSettings& settings) {
  std::vector<std::unique_ptr<Connection>> readers;
  for (std::int64_t i = 0; i < settings.readers; ++i) {
    CAPROCK_TRY(auto db, Connection::open(path, Connection::Mode::kReadOnly, settings.vfs));
    CAPROCK_CHECK(db->run_script("PRAGMA query_only = ON; PRAGMA cache_size = -" +
                                 std::to_string(settings.reader_cache.count / 1024)));
    readers.push_back(std::move(db));
  }
  return readers;
}

Result<std::string> first_complaint(Connection& db, std::string_view pragma) {
  CAPROCK_TRY(Statement check, db.prepare(pragma));
  CAPROCK_TRY(const bool row, check.step());
  return row ? check.string(0) : std::string("ok");
}

}  // namespace

base::SettingsSection DatabaseSettings::describe() {
  return {
      .name = "database",
      .help = "The embedded database (SQLite).",
      .settings = {
          {.key = "readers", .target = &readers, .help = "Threads that read.", .min = 1, .max = 64},
          {.key = "read_queue", .target = &read_queue, .help = "Reads that may wait.", .min = 1, .max = 1e6},
          {.key = "write_queue",
           .target = &write_queue,
           .help = "Writes that may wait.",
           .min = 1,
           .max = 1e6},
          {.key = "reader_cache",
           .target = &reader_cache,
           .help = "Page cache of each reader.",
           .min = 1 << 20},
          {.key = "checkpoint",
           .target = &checkpoint,
           .help = "Size at which the write-ahead log is copied into the file.",
           .min = 1 << 20},
      }};
}

struct Database::State {
  State(std::string file, std::unique_ptr<Connection> write_connection,
        std::vector<std::unique_ptr<Connection>> read_connections, const DatabaseSettings& settings)
      : path(std::move(file)),
        vfs(settings.vfs),
        writer(std::move(write_connection), {.queue = static_cast<std::size_t>(settings.write_queue)}),
        readers(std::move(read_connections)),
        pool({.name = "sqlite-read",
              .threads = static_cast<std::size_t>(settings.readers),
              .queue = static_cast<std::size_t>(settings.read_queue)}) {}
  std::string path;
  std::string vfs;
  Writer writer;  ///< closed last, so that it copies the write-ahead log into the file
  ReaderPool readers;
  base::BlockingPool pool;
};

Result<std::unique_ptr<Database>> Database::open(const std::string& path,
                                                 const std::vector<SchemaPart>& parts,
                                                 const DatabaseSettings& settings) {
  CAPROCK_TRY(auto writer, open_writer(path, settings));
  CAPROCK_CHECK(migrate(*writer, parts, path));
  CAPROCK_TRY(auto readers, open_readers(path, settings));
  auto state = std::make_unique<State>(path, std::move(writer), std::move(readers), settings);
  return std::unique_ptr<Database>(new Database(std::move(state)));
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;

base::Awaitable<Result<void>> Database::write_erased(const base::RequestContext& context, Job work) {
  namespace asio = boost::asio;
  auto initiate = [this, &context, &work](auto handler) {
    // The guard keeps the caller's loop running until the answer has been posted to it, and outlives the
    // post, whose last step touches the loop after the answer can be seen there.
    auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
    auto finish = [guard = std::move(guard), handler = std::move(handler)](Result<void> outcome) mutable {
      const auto target = guard.get_executor();
      asio::post(target, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
        std::move(handler)(std::move(outcome));
      });
    };
    WriteJob job{&context, std::move(work), std::move(finish)};
    if (!state_->writer.push(job)) job.done(failure(queue_full()));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<void>)>(
      std::move(initiate), asio::use_awaitable);
}

base::Awaitable<Result<void>> Database::read_erased(const base::RequestContext& context, Job work) {
  auto run = [this, &work] { return state_->readers.run(work); };
  co_return co_await state_->pool.run(context, std::move(run));
}

Result<void> Database::write_and_wait(Job work) {
  auto promise = std::make_shared<std::promise<Result<void>>>();
  auto durable = promise->get_future();
  const base::RequestContext nobody_else_waits{.deadline = base::Deadline::after(std::chrono::hours(1))};
  WriteJob job{&nobody_else_waits, std::move(work),
               [promise](Result<void> outcome) { promise->set_value(std::move(outcome)); }};
  if (!state_->writer.push(job)) return failure(queue_full());
  return durable.get();
}

Result<void> Database::read_and_wait(Job work) { return state_->readers.run(work); }

Result<void> Database::check_integrity() {
  return read_blocking([](Connection& db) -> Result<void> {
    CAPROCK_TRY(const std::string pages, first_complaint(db, "PRAGMA integrity_check(1)"));
    if (pages != "ok") return failure(base::internal_error("integrity_check: " + pages));
    CAPROCK_TRY(const std::string keys, first_complaint(db, "PRAGMA foreign_key_check"));
    if (keys != "ok") return failure(base::internal_error("foreign_key_check: table " + keys));
    return {};
  });
}

Result<void> Database::reclaim() {
  CAPROCK_CHECK(write_blocking([](Connection& db) { return db.run_script("PRAGMA incremental_vacuum"); }));
  // A checkpoint cannot be part of a transaction, and the writer's connection belongs to its thread.
  CAPROCK_TRY(auto db, Connection::open(state_->path, Connection::Mode::kReadWrite, state_->vfs));
  return db->run_script("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace caprock::stores
