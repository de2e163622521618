#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace caprock::app {

struct ProgressState {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t total = 0;
  std::chrono::milliseconds elapsed{0};
};

/// "[#########···········]  1,234 of 5,183  412/s  10s left  3 failed", at most 80 columns.
std::string progress_line(const ProgressState& state);
/// "9s", "1m05s", "2h10m".
std::string short_duration(std::chrono::milliseconds span);

}  // namespace caprock::app
