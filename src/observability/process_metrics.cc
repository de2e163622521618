#include "observability/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

#include "observability/json_log.h"

namespace caprock::observability {
namespace {

/// Fields of /proc/self/stat after the command's name, which may hold spaces and parentheses (proc(5)).
struct ProcStat {
  double cpu_ticks = 0;
  double threads = 0;
  double start_ticks = 0;
  double virtual_bytes = 0;
  double resident_pages = 0;
};

std::optional<ProcStat> read_proc_stat() {
  std::ifstream in("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::vector<std::string> values(std::istream_iterator<std::string>(fields), {});
  if (values.size() < 22) return std::nullopt;
  // values[0] is field 3 ("state") of proc(5).
  const auto field = [&](std::size_t n) { return std::stod(values[n - 3]); };
  return ProcStat{field(14) + field(15), field(20), field(22), field(23), field(24)};
}

/// Seconds since 1970 at which the machine started.
std::optional<double> boot_time() {
  std::ifstream in("/proc/stat");
  for (std::string word; in >> word;)
    if (double seconds = 0; word == "btime" && in >> seconds) return seconds;
  return std::nullopt;
}

double open_descriptors() {
  std::error_code ignored;
  const std::filesystem::directory_iterator entries("/proc/self/fd", ignored);
  // The iterator's own descriptor is one of them.
  return static_cast<double>(std::distance(begin(entries), end(entries))) - 1;
}

double max_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<double>::infinity();
  return static_cast<double>(limit.rlim_cur);
}

prometheus::MetricFamily family(std::string name, std::string help, prometheus::MetricType type,
                                double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  metric.gauge.value = value;
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

}  // namespace

std::vector<prometheus::MetricFamily> process_metrics() {
  using prometheus::MetricType;
  std::vector<prometheus::MetricFamily> out;
  out.push_back(family("process_open_fds", "Open file descriptors", MetricType::Gauge, open_descriptors()));
  out.push_back(family("process_max_fds", "Largest number of open file descriptors", MetricType::Gauge,
                       max_descriptors()));
  out.push_back(family("caprock_log_lines_dropped_total",
                       "Log lines that were dropped because stderr did not keep up", MetricType::Counter,
                       static_cast<double>(dropped_log_lines())));
  const std::optional<ProcStat> stat = read_proc_stat();
  if (!stat) return out;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  out.push_back(family("process_cpu_seconds_total", "User and system CPU time spent", MetricType::Counter,
                       stat->cpu_ticks / ticks));
  out.push_back(family("process_threads", "Threads of the process", MetricType::Gauge, stat->threads));
  out.push_back(
      family("process_virtual_memory_bytes", "Virtual memory size", MetricType::Gauge, stat->virtual_bytes));
  out.push_back(family("process_resident_memory_bytes", "Resident memory size", MetricType::Gauge,
                       stat->resident_pages * page));
  if (const std::optional<double> boot = boot_time())
    out.push_back(family("process_start_time_seconds", "Start of the process since the epoch",
                         MetricType::Gauge, *boot + stat->start_ticks / ticks));
  return out;
}

}  // namespace caprock::observability
