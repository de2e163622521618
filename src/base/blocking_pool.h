#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/awaitable.h"
#include "base/context.h"

namespace caprock::base {

/// Threads for work that blocks or takes long (SQLite, index, parsing, local models), with a bounded queue.
/// Thread safe; destruction waits for what runs and fails what is queued with kUnavailable.
class BlockingPool {
 public:
  struct Settings {
    std::string name;  ///< of the threads and in metrics, ≤ 15 bytes
    std::size_t threads = 2;
    std::size_t queue = 256;  ///< waiting jobs above this are refused
  };
  explicit BlockingPool(Settings settings);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// Runs `work` (→ Result<T>) on a pool thread and resumes on the caller's executor. Errors besides work's
  /// own: kUnavailable with retry_after when the queue is full; kCancelled or kDeadlineExceeded when the
  /// context ended before the work began (work that has begun is always waited for, so it may refer to the
  /// caller's frame).
  template <class Work>
  auto run(const RequestContext& context, Work work) -> Awaitable<std::invoke_result_t<Work&>> {
    using R = std::invoke_result_t<Work&>;
    std::optional<R> answer;
    Result<void> ran = co_await run_erased(context, [&] { answer.emplace(work()); });
    if (!ran) co_return failure(std::move(ran).error());
    co_return std::move(*answer);
  }

  std::size_t queued() const;

 private:
  Awaitable<Result<void>> run_erased(const RequestContext& context, std::move_only_function<void()> work);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caprock::base
