#include "stores/sqlite/writer.h"

#include <pthread.h>

#include <algorithm>
#include <exception>

#include "base/log.h"

namespace caprock::stores {
namespace {

using base::failure;
using base::Result;

constexpr std::chrono::milliseconds kIdle{200};
// A little free space stays for the next documents: 1 MiB of pages of 4 KiB.
constexpr std::int64_t kKeptFreePages = 256;
constexpr std::int64_t kSlice = 2048;
// Writes in the last group that somebody waited for, from which on more are worth waiting for.
constexpr std::size_t kMany = 4;

Result<void> guarded(WriteJob& job, Connection& db) {
  try {
    return job.work(db);
  } catch (const std::exception& e) {
    return failure(base::internal_error(std::string("exception in a write: ") + e.what()));
  }
}

bool somebody_waits(const WriteJob& job) {
  return job.context->deadline.at() != base::Deadline::never().at();
}

// A job that went on after such an error has lost what it wrote all the same.
Result<void> ended_early(const Result<void>& last) {
  if (!last) return last;
  return failure(base::internal_error("a job passed over the error that ended its transaction"));
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, Limits limits)
    : connection_(std::move(connection)), limits_(limits), thread_([this] { work_until_stopped(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  thread_.join();
}

bool Writer::push(WriteJob& job) {
  const bool hurry = somebody_waits(job);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= limits_.queue) return false;
    jobs_.push_back(std::move(job));
    hurried_ += hurry ? 1 : 0;
    wake = waits_for_ == WaitsFor::kAnyJob || (waits_for_ == WaitsFor::kHurry && hurried_ > 0) ||
           jobs_.size() == limits_.group;
  }
  if (wake) ready_.notify_one();
  return true;
}

void Writer::work_until_stopped() {
  ::pthread_setname_np(::pthread_self(), "sqlite-write");
  while (true) {
    Group group = next_group();
    if (group.empty()) return;
    write(group);
    space_checked_ = false;
  }
}

Writer::Group Writer::next_group() {
  std::unique_lock lock(mutex_);
  wait_for_jobs(lock);
  Group group;
  while (!jobs_.empty() && group.size() < limits_.group) {
    group.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
  }
  const auto hurried = static_cast<std::size_t>(std::ranges::count_if(group, somebody_waits));
  last_hurried_ = hurried;
  hurried_ -= hurried;
  return group;
}

void Writer::wait_for_jobs(std::unique_lock<std::mutex>& lock) {
  const auto awake = [&] { return stopping_ || !jobs_.empty(); };
  waits_for_ = WaitsFor::kAnyJob;
  while (!awake()) {
    if (space_checked_) {
      ready_.wait(lock, awake);
    } else if (!ready_.wait_for(lock, kIdle, awake)) {
      lock.unlock();
      give_back_space();
      lock.lock();
    }
  }
  waits_for_ = WaitsFor::kHurry;
  const auto full = [&] { return stopping_ || jobs_.size() >= limits_.group; };
  ready_.wait_for(lock, limits_.patience, [&] { return full() || hurried_ > 0; });
  waits_for_ = WaitsFor::kNothing;
  if (hurried_ > 0 && last_hurried_ >= kMany) ready_.wait_for(lock, limits_.company, full);
}

void Writer::write(Group& group) {
  std::vector<Result<void>> outcomes;
  outcomes.reserve(group.size());
  hooks_.clear();
  if (Result<void> committed = run_group(group, outcomes); !committed) {
    if (connection_->in_transaction()) (void)connection_->run_script("ROLLBACK");
    base::log(base::LogLevel::kError, "a group of writes was rolled back",
              {{"jobs", group.size()}, {"detail", committed.error().detail}});
    outcomes.assign(group.size(), committed);
  } else {
    for (const auto& hook : hooks_) hook();
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    group[i].work = nullptr;
    group[i].done(std::move(outcomes[i]));
  }
}

// An error of the returned kind concerns the whole group: the transaction cannot be committed.
Result<void> Writer::run_group(Group& group, std::vector<Result<void>>& outcomes) {
  CAPROCK_CHECK(connection_->execute("BEGIN IMMEDIATE"));
  for (WriteJob& job : group) {
    if (auto alive = job.context->check(); !alive) {
      outcomes.push_back(std::move(alive));
      continue;
    }
    outcomes.push_back(run_job(job, group.size() == 1));
    auto hooks = connection_->take_hooks();
    if (outcomes.back()) hooks_.insert(hooks_.end(), hooks.begin(), hooks.end());
    // A full disk or an I/O error may end the whole transaction, and with it the jobs before.
    if (!connection_->in_transaction()) return ended_early(outcomes.back());
  }
  if (group.size() == 1 && !outcomes.front()) return connection_->execute("ROLLBACK");
  return connection_->execute("COMMIT");
}

// A job that is alone needs no savepoint: its transaction is one.
Result<void> Writer::run_job(WriteJob& job, bool alone) {
  if (alone) return guarded(job, *connection_);
  CAPROCK_CHECK(connection_->execute("SAVEPOINT job"));
  Result<void> outcome = guarded(job, *connection_);
  if (!outcome && connection_->in_transaction()) CAPROCK_CHECK(connection_->execute("ROLLBACK TO job"));
  if (connection_->in_transaction()) CAPROCK_CHECK(connection_->execute("RELEASE job"));
  return outcome;
}

// One slice at a time, so that a write never waits long for it.
void Writer::give_back_space() {
  space_checked_ = true;
  const auto free_pages = connection_->integer("PRAGMA freelist_count", 0);
  if (!free_pages || *free_pages <= kKeptFreePages) return;
  auto left = shrink_by(*connection_, kSlice);
  if (!left) {
    base::log(base::LogLevel::kWarn, "free space could not be given back", {{"detail", left.error().detail}});
    return;
  }
  space_checked_ = *left <= kKeptFreePages;
}

Result<std::int64_t> shrink_by(Connection& db, std::int64_t pages) {
  CAPROCK_CHECK(db.run_script("PRAGMA incremental_vacuum(" + std::to_string(pages) + ")"));
  // The file is cut off by a checkpoint that could copy everything.
  CAPROCK_CHECK(db.run_script("PRAGMA wal_checkpoint(PASSIVE)"));
  return db.integer("PRAGMA freelist_count", 0);
}

}  // namespace caprock::stores
