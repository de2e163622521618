#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "base/awaitable.h"

namespace caprock::rag {

/// Bounds how many bytes of documents are in work at once: memory stays flat whatever the folder's size.
/// First come, first served; a document larger than the whole budget goes alone. Used from one
/// single-threaded executor.
class ByteBudget {
 public:
  explicit ByteBudget(std::uint64_t bytes) : free_(bytes), total_(bytes) {}

  /// Gives its bytes back when destroyed.
  class Share {
   public:
    Share(ByteBudget& budget, std::uint64_t bytes) : budget_(&budget), bytes_(bytes) {}
    Share(Share&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Share& operator=(Share&&) = delete;
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      if (budget_ != nullptr) budget_->give_back(bytes_);
    }

   private:
    ByteBudget* budget_;
    std::uint64_t bytes_;
  };
  base::Awaitable<Share> take(std::uint64_t bytes);

 private:
  struct Waiter;
  void give_back(std::uint64_t bytes);
  void grant();

  std::uint64_t free_;
  const std::uint64_t total_;
  std::deque<Waiter*> waiting_;
};

}  // namespace caprock::rag
