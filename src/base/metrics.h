#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caprock::base {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// Handles to one time series each; thread safe, cheap to use, owned by the registry.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double by = 1) = 0;
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double by) = 0;
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

/// Where series come from. observability/ implements it over prometheus-cpp; the null one counts nothing.
/// Asking twice for the same name and labels gives the same handle. Thread safe, but look handles up once,
/// not per request.
class MetricRegistry {
 public:
  virtual ~MetricRegistry() = default;
  virtual Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {}) = 0;
  virtual Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {}) = 0;
  /// Buckets in the unit that the name ends with (`_seconds`, `_bytes`), ascending.
  virtual Histogram& histogram(std::string_view name, std::string_view help,
                               const std::vector<double>& buckets, const MetricLabels& labels = {}) = 0;
};

/// Counts nothing: for tests and tools.
MetricRegistry& null_metrics();

}  // namespace caprock::base
