#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace caprock::observability {

/// process_resident_memory_bytes, process_virtual_memory_bytes, process_open_fds, process_max_fds,
/// process_threads, process_cpu_seconds_total and process_start_time_seconds, read from /proc now
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics). What cannot be read is
/// left out.
std::vector<prometheus::MetricFamily> process_metrics();

}  // namespace caprock::observability
