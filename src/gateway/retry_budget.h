#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace caprock::gateway {

struct RetryBudgetSettings {
  std::int64_t percent = 20;  ///< of the active requests may be retries of the same target
  std::int64_t least = 10;    ///< always
};

/// How many retries there may be at once, by how many requests are active: where most requests fail, retries
/// would be most of the load. As Envoy's retry_budget. Any thread.
class RetryBudget {
 public:
  explicit RetryBudget(RetryBudgetSettings settings) : settings_(settings) {}

  using Count = std::shared_ptr<std::atomic<std::int64_t>>;

  /// Counts for as long as it lives, which may be longer than the budget.
  class Share {
   public:
    Share() = default;
    explicit Share(Count of) : of_(std::move(of)) {}
    Share(Share&& other) noexcept : of_(std::move(other.of_)) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~Share() {
      if (of_) of_->fetch_sub(1, std::memory_order_relaxed);
    }
    explicit operator bool() const { return of_ != nullptr; }

   private:
    Count of_;
  };

  /// A request, until its reply has ended.
  Share begin_request() {
    active_->fetch_add(1, std::memory_order_relaxed);
    return Share(active_);
  }
  /// A retry, from its decision until its attempt has ended; empty when there are enough.
  Share begin_retry() {
    if (retries_->fetch_add(1, std::memory_order_relaxed) < allowed()) return Share(retries_);
    retries_->fetch_sub(1, std::memory_order_relaxed);
    return {};
  }
  std::int64_t active() const { return active_->load(std::memory_order_relaxed); }
  std::int64_t retries() const { return retries_->load(std::memory_order_relaxed); }

 private:
  std::int64_t allowed() const { return std::max(settings_.least, active() * settings_.percent / 100); }

  const RetryBudgetSettings settings_;
  const Count active_ = std::make_shared<std::atomic<std::int64_t>>(0);
  const Count retries_ = std::make_shared<std::atomic<std::int64_t>>(0);
};

}  // namespace caprock::gateway
