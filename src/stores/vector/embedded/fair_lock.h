#pragma once

#include <mutex>
#include <shared_mutex>

namespace caprock::stores {

/// A shared mutex that lets a waiting writer in before new readers: glibc's own starves it under steady
/// queries.
class FairLock {
 public:
  void lock() {
    const std::lock_guard turn(turnstile_);
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }
  void lock_shared() {
    const std::lock_guard turn(turnstile_);
    mutex_.lock_shared();
  }
  void unlock_shared() { mutex_.unlock_shared(); }

 private:
  std::mutex turnstile_;
  std::shared_mutex mutex_;
};

}  // namespace caprock::stores
