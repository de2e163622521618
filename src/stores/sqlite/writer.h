#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/context.h"
#include "stores/sqlite/connection.h"

namespace caprock::stores {

/// A change to be made by the writer. `done` is called on its thread, once, when the change is durable or has
/// failed.
struct WriteJob {
  const base::RequestContext* context;  ///< outlives the job
  std::move_only_function<base::Result<void>(Connection&)> work;
  std::move_only_function<void(base::Result<void>)> done;
};

/// The one thread that writes. Everything that waits is written in one transaction, each job in a savepoint
/// of its own, and acknowledged after the one fsync of its commit: the slower the disk, the larger the
/// groups. Work that no request waits for (its context has no deadline) does not hurry: it waits a moment for
/// company, and goes with a write that somebody waits for. Such a write goes at once, unless the last group
/// had several: then it waits half a millisecond for as many again. When the writer has nothing to do it
/// gives free pages back to the file system. Thread safe; destruction finishes what is queued.
class Writer {
 public:
  struct Limits {
    std::size_t queue = 4096;                ///< waiting jobs above this are refused
    std::size_t group = 1024;                ///< jobs in one transaction
    std::chrono::milliseconds patience{3};   ///< how long work that nobody waits for waits for company
    std::chrono::microseconds company{500};  ///< the same, of writes that are waited for, among many such
  };
  Writer(std::unique_ptr<Connection> connection, Limits limits);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// False, and the job untouched, when the queue is full.
  bool push(WriteJob& job);

 private:
  using Group = std::vector<WriteJob>;
  enum class WaitsFor : std::uint8_t { kNothing, kAnyJob, kHurry };
  void work_until_stopped();
  Group next_group();
  void wait_for_jobs(std::unique_lock<std::mutex>& lock);
  void write(Group& group);
  base::Result<void> run_group(Group& group, std::vector<base::Result<void>>& outcomes);
  base::Result<void> run_job(WriteJob& job, bool alone);
  void give_back_space();

  std::unique_ptr<Connection> connection_;
  Limits limits_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<WriteJob> jobs_;
  std::size_t hurried_ = 0;       ///< of the jobs, those that somebody waits for
  std::size_t last_hurried_ = 0;  ///< the same of the last group
  WaitsFor waits_for_ = WaitsFor::kNothing;
  bool stopping_ = false;
  bool space_checked_ = true;
  std::vector<std::function<void()>> hooks_;  ///< of the group's jobs that succeeded
  std::thread thread_;                        ///< last: it uses everything above
};

/// Gives up to `pages` free pages back to the file system and says how many are left. Outside a transaction.
base::Result<std::int64_t> shrink_by(Connection& db, std::int64_t pages);

}  // namespace caprock::stores
