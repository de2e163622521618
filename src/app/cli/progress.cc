#include "app/cli/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace caprock::app {

std::string short_duration(std::chrono::milliseconds span) {
  const std::int64_t seconds = (span.count() + 999) / 1000;
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
}

std::string progress_line(const ProgressState& state) {
  constexpr std::uint64_t kWidth = 20;
  const std::uint64_t total = std::max(state.total, state.done);
  const std::uint64_t filled = total == 0 ? 0 : state.done * kWidth / total;
  std::string line = "[";
  for (std::uint64_t i = 0; i < kWidth; ++i) line += i < filled ? "#" : ".";
  line += fmt::format("] {} of {}", state.done, total);
  const double seconds = static_cast<double>(state.elapsed.count()) / 1000;
  if (state.done != 0 && seconds > 0) {
    const double rate = static_cast<double>(state.done) / seconds;
    const auto left = std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(total - state.done) / rate * 1000));
    line += fmt::format("  {:.{}f}/s  {} left", rate, rate < 10 ? 1 : 0, short_duration(left));
  }
  if (state.failed != 0) line += fmt::format("  {} failed", state.failed);
  return line;
}

}  // namespace caprock::app
