#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace caprock::server {

/// So many a minute, all at once if need be: what may be spent comes back evenly.
class Allowance {
 public:
  explicit Allowance(double most) : most_(most), left_(most) {}

  /// False when there is nothing left to spend.
  bool spend(base::MonoTime now) {
    const std::chrono::duration<double> passed = now - std::max(last_, base::MonoTime{});
    if (passed.count() > 0) give(passed.count() * most_ / 60);
    last_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }
  void give(double amount) { left_ = std::min(most_, left_ + amount); }

 private:
  double most_;
  double left_;
  base::MonoTime last_{};
};

}  // namespace caprock::server
