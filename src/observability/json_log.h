#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/settings.h"

namespace caprock::observability {

struct LogSettings {
  std::string level = "info";
  std::string format = "auto";  ///< "auto": text when stderr is a terminal, JSON otherwise
  std::int64_t queue = 8192;    ///< lines waiting for stderr; above it the oldest are dropped and counted
  base::SettingsSection describe();
};

/// The process's log while it lives: base::log writes to stderr through a queue and one writer thread, so
/// that a slow reader of stderr never holds up an I/O loop. What is queued is written before this object has
/// gone. Make it first in main, after the settings are read; any thread may log.
class ProcessLog {
 public:
  explicit ProcessLog(const LogSettings& settings, const base::Clock& clock = base::system_clock());
  ~ProcessLog();
  ProcessLog(const ProcessLog&) = delete;
  ProcessLog& operator=(const ProcessLog&) = delete;

  /// For a changed configuration: the level in force from now on. Any thread.
  void set_level(const std::string& level);
  /// Lines that were dropped because stderr did not keep up.
  std::uint64_t dropped() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Lines that the process's log has dropped; 0 without one. Any thread.
std::uint64_t dropped_log_lines();

}  // namespace caprock::observability
