#pragma once

#include <atomic>
#include <cstdint>

namespace caprock::server {

/// The bytes of bodies that all requests of one kind hold at once. Thread safe.
class BodyMemory {
 public:
  explicit BodyMemory(std::uint64_t limit) : limit_(limit) {}
  /// False, and nothing taken, when there is no room for so many more.
  bool take(std::uint64_t bytes) {
    if (held_.fetch_add(bytes) + bytes <= limit_) return true;
    held_.fetch_sub(bytes);
    return false;
  }
  void give_back(std::uint64_t bytes) { held_.fetch_sub(bytes); }
  std::uint64_t held() const { return held_.load(); }

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> held_{0};
};

/// A share of it, given back on destruction.
class BodyShare {
 public:
  /// `memory` must outlive it.
  explicit BodyShare(BodyMemory& memory) : memory_(memory) {}
  ~BodyShare() { memory_.give_back(bytes_); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  bool take(std::uint64_t bytes) {
    if (!memory_.take(bytes)) return false;
    bytes_ += bytes;
    return true;
  }

 private:
  BodyMemory& memory_;
  std::uint64_t bytes_ = 0;
};

}  // namespace caprock::server
