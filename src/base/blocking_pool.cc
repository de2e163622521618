#include "base/blocking_pool.h"

#include <pthread.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace caprock::base {
namespace {

using Done = std::move_only_function<void(Result<void>)>;

struct Job {
  RequestContext context;
  std::move_only_function<void()> work;
  Done done;
};

Result<void> run_job(Job& job) {
  if (auto alive = job.context.check(); !alive) return alive;
  try {
    job.work();
  } catch (const std::exception& e) {
    return failure(internal_error(std::string("exception in blocking work: ") + e.what()));
  }
  return {};
}

Error queue_full(const std::string& pool) {
  return Error(ErrorKind::kUnavailable, "the server is busy, try again")
      .with_retry_after(std::chrono::seconds(1))
      .with_detail("the queue of the pool '" + pool + "' is full");
}

}  // namespace

struct BlockingPool::State {
  explicit State(Settings s) : settings(std::move(s)) {}

  Settings settings;
  mutable std::mutex mutex;
  std::condition_variable ready;
  std::deque<Job> jobs;
  bool stopping = false;
  std::vector<std::thread> threads;

  bool push(Job& job) {
    {
      const std::lock_guard lock(mutex);
      if (stopping || jobs.size() >= settings.queue) return false;
      jobs.push_back(std::move(job));
    }
    ready.notify_one();
    return true;
  }

  void work_until_stopped() {
    ::pthread_setname_np(::pthread_self(), settings.name.substr(0, 15).c_str());
    std::unique_lock lock(mutex);
    while (true) {
      ready.wait(lock, [&] { return stopping || !jobs.empty(); });
      if (stopping) return;
      Job job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      Result<void> outcome = run_job(job);
      job.work = nullptr;
      job.done(std::move(outcome));
      lock.lock();
    }
  }
};

BlockingPool::BlockingPool(Settings settings) : state_(std::make_unique<State>(std::move(settings))) {
  for (std::size_t i = 0; i < state_->settings.threads; ++i)
    state_->threads.emplace_back([state = state_.get()] { state->work_until_stopped(); });
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->ready.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
  for (Job& job : state_->jobs)
    job.done(failure(Error(ErrorKind::kUnavailable, "the server is shutting down")));
}

std::size_t BlockingPool::queued() const {
  const std::lock_guard lock(state_->mutex);
  return state_->jobs.size();
}

Awaitable<Result<void>> BlockingPool::run_erased(const RequestContext& context,
                                                 std::move_only_function<void()> work) {
  namespace asio = boost::asio;
  auto initiate = [this, &context, &work](auto handler) {
    auto executor = asio::get_associated_executor(handler);
    // The guard keeps the caller's loop running until the answer has been posted to it, and outlives the
    // post, whose last step touches the loop after the answer can be seen there.
    auto finish = [guard = asio::make_work_guard(executor),
                   handler = std::move(handler)](Result<void> outcome) mutable {
      const auto target = guard.get_executor();
      asio::post(target, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
        std::move(handler)(std::move(outcome));
      });
    };
    Job job{context, std::move(work), std::move(finish)};
    if (!state_->push(job)) job.done(failure(queue_full(state_->settings.name)));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<void>)>(
      std::move(initiate), asio::use_awaitable);
}

}  // namespace caprock::base
