#pragma once

#include <chrono>
#include <mutex>

namespace caprock::base {

using WallTime = std::chrono::system_clock::time_point;
using MonoTime = std::chrono::steady_clock::time_point;

/// The time, injected so that tests never sleep. Thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual MonoTime mono() const = 0;
};

/// The real one; a process needs only one.
const Clock& system_clock();

/// A clock that stands still until told, for tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime{}) : wall_(start) {}
  WallTime wall() const override;
  MonoTime mono() const override;
  void advance(std::chrono::nanoseconds by);

 private:
  mutable std::mutex mutex_;
  WallTime wall_;
  MonoTime mono_{};
};

}  // namespace caprock::base
