#pragma once

#include <memory>
#include <string>

#include "base/metrics.h"
#include "base/settings.h"

namespace caprock::observability {

struct MetricsSettings {
  bool enabled = true;  ///< false: GET /metrics answers 404 and nothing is counted
  base::SettingsSection describe();
};

/// base::MetricRegistry over prometheus-cpp. Handles live as long as the registry; counters and gauges are
/// atomics, a histogram takes prometheus-cpp's own lock. A name that was used for another type, another help
/// text's type or an invalid name throws std::logic_error: a defect that shows at start. Thread safe.
class PrometheusRegistry final : public base::MetricRegistry {
 public:
  PrometheusRegistry();
  ~PrometheusRegistry() override;

  base::Counter& counter(std::string_view name, std::string_view help,
                         const base::MetricLabels& labels) override;
  base::Gauge& gauge(std::string_view name, std::string_view help, const base::MetricLabels& labels) override;
  base::Histogram& histogram(std::string_view name, std::string_view help, const std::vector<double>& buckets,
                             const base::MetricLabels& labels) override;

  /// Everything in Prometheus' text format 0.0.4, with the process's own figures (memory, descriptors, CPU
  /// time, start time) under their customary names.
  std::string serialize() const;
  /// The Content-Type of `serialize()`.
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caprock::observability
