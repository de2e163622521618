#include "observability/json_log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <utility>

#include "base/log.h"
#include "observability/log_format.h"

namespace caprock::observability {
namespace {

using base::LogLevel;

constexpr std::array kLevelNames{std::pair{"debug", LogLevel::kDebug}, std::pair{"info", LogLevel::kInfo},
                                 std::pair{"warn", LogLevel::kWarn}, std::pair{"error", LogLevel::kError}};

LogLevel level_of(const std::string& name) {
  for (const auto& [known, level] : kLevelNames)
    if (name == known) return level;
  return LogLevel::kInfo;
}

constexpr std::array kSpdlogLevels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                   spdlog::level::err};

using Pool = spdlog::details::thread_pool;

// The queue of the process's log, for those who only count what it lost.
std::atomic<std::weak_ptr<Pool>>& current_pool() {
  static std::atomic<std::weak_ptr<Pool>> pool;
  return pool;
}

}  // namespace

base::SettingsSection LogSettings::describe() {
  return {.name = "log",
          .help = "The process's log on stderr",
          .settings = {{.key = "level",
                        .target = &level,
                        .help = "the least important level that is written",
                        .choices = {"debug", "info", "warn", "error"}},
                       {.key = "format",
                        .target = &format,
                        .help = "\"auto\" writes text to a terminal and JSON lines to anything else",
                        .choices = {"auto", "json", "text"}},
                       {.key = "queue",
                        .target = &queue,
                        .help = "lines that may wait for stderr; above it the oldest are dropped and counted",
                        .min = 16,
                        .max = 1'000'000}}};
}

struct ProcessLog::State {
  State(const LogSettings& settings, const base::Clock& the_clock)
      : clock(the_clock),
        terminal(::isatty(STDERR_FILENO) == 1),
        text(settings.format == "text" || (settings.format == "auto" && terminal)),
        level(level_of(settings.level)),
        pool(std::make_shared<spdlog::details::thread_pool>(static_cast<std::size_t>(settings.queue), 1U)),
        logger(std::make_shared<spdlog::async_logger>("caprock",
                                                      std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool,
                                                      spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    logger->set_level(spdlog::level::trace);
  }

  void write(const base::LogRecord& record) const {
    if (record.level < level.load(std::memory_order_relaxed)) return;
    const base::WallTime now = clock.wall();
    const std::string line = text ? format_pretty_line(record, now, terminal) : format_json_line(record, now);
    logger->log(kSpdlogLevels[static_cast<std::size_t>(record.level)], line);
  }

  const base::Clock& clock;
  const bool terminal;
  const bool text;
  std::atomic<LogLevel> level;
  // Last: the writer thread ends, with the queue written, before anything that it uses goes.
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

// The sink shares the state, so a thread that logs while main is ending writes to something that still
// exists.
ProcessLog::ProcessLog(const LogSettings& settings, const base::Clock& clock)
    : state_(std::make_shared<State>(settings, clock)) {
  base::set_log_sink([state = state_](const base::LogRecord& record) { state->write(record); });
  current_pool().store(state_->pool);
}

ProcessLog::~ProcessLog() {
  base::set_log_sink([](const base::LogRecord& record) {
    if (record.level >= LogLevel::kWarn)
      std::fprintf(stderr, "%.*s\n", static_cast<int>(record.message.size()), record.message.data());
  });
}

void ProcessLog::set_level(const std::string& level) {
  state_->level.store(level_of(level), std::memory_order_relaxed);
}

std::uint64_t dropped_log_lines() {
  const auto pool = current_pool().load().lock();
  return pool ? pool->overrun_counter() : 0;
}

std::uint64_t ProcessLog::dropped() const { return state_->pool->overrun_counter(); }

}  // namespace caprock::observability
