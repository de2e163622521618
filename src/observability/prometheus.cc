#include "observability/prometheus.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <iterator>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "observability/process_metrics.h"

namespace caprock::observability {
namespace {

struct CounterHandle final : base::Counter {
  explicit CounterHandle(prometheus::Counter& of) : series(of) {}
  void add(double by) override { series.Increment(by); }
  prometheus::Counter& series;
};
struct GaugeHandle final : base::Gauge {
  explicit GaugeHandle(prometheus::Gauge& of) : series(of) {}
  void set(double value) override { series.Set(value); }
  void add(double by) override { series.Increment(by); }
  prometheus::Gauge& series;
};
struct HistogramHandle final : base::Histogram {
  explicit HistogramHandle(prometheus::Histogram& of) : series(of) {}
  void observe(double value) override { series.Observe(value); }
  prometheus::Histogram& series;
};

using Key = std::pair<std::string, std::map<std::string, std::string>>;
Key key_of(std::string_view name, const base::MetricLabels& labels) {
  return {std::string(name), {labels.begin(), labels.end()}};
}

}  // namespace

base::SettingsSection MetricsSettings::describe() {
  return {.name = "metrics",
          .help = "Prometheus metrics at GET /metrics",
          .settings = {{.key = "enabled",
                        .target = &enabled,
                        .help = "whether anything is counted and shown",
                        .environment = {"BEDROCK_METRICS_ENABLED"}}}};
}

struct PrometheusRegistry::State {
  prometheus::Registry registry;
  mutable std::mutex mutex;  ///< of the maps below: handles are looked up at start, not per request
  std::map<std::string, char, std::less<>> kinds;
  std::map<Key, CounterHandle> counters;
  std::map<Key, GaugeHandle> gauges;
  std::map<Key, HistogramHandle> histograms;

  void claim(std::string_view name, char kind) {
    const auto [entry, fresh] = kinds.emplace(name, kind);
    if (!fresh && entry->second != kind)
      throw std::logic_error(fmt::format("the metric {} exists with another type", name));
  }

  /// The handle of the series, made with `make(family labels)` when it is new.
  template <class Handles, class Make>
  auto& handle(Handles& handles, char kind, std::string_view name, const base::MetricLabels& labels,
               Make make) {
    const std::lock_guard lock(mutex);
    Key key = key_of(name, labels);
    if (const auto found = handles.find(key); found != handles.end()) return found->second;
    claim(name, kind);
    auto& series = make(key.first, key.second);
    return handles.emplace(std::move(key), series).first->second;
  }
};

PrometheusRegistry::PrometheusRegistry() : state_(std::make_unique<State>()) {}
PrometheusRegistry::~PrometheusRegistry() = default;

base::Counter& PrometheusRegistry::counter(std::string_view name, std::string_view help,
                                           const base::MetricLabels& labels) {
  return state_->handle(state_->counters, 'c', name, labels, [&](const auto& n, const auto& l) -> auto& {
    return prometheus::BuildCounter().Name(n).Help(std::string(help)).Register(state_->registry).Add(l);
  });
}

base::Gauge& PrometheusRegistry::gauge(std::string_view name, std::string_view help,
                                       const base::MetricLabels& labels) {
  return state_->handle(state_->gauges, 'g', name, labels, [&](const auto& n, const auto& l) -> auto& {
    return prometheus::BuildGauge().Name(n).Help(std::string(help)).Register(state_->registry).Add(l);
  });
}

base::Histogram& PrometheusRegistry::histogram(std::string_view name, std::string_view help,
                                               const std::vector<double>& buckets,
                                               const base::MetricLabels& labels) {
  return state_->handle(state_->histograms, 'h', name, labels, [&](const auto& n, const auto& l) -> auto& {
    return prometheus::BuildHistogram()
        .Name(n)
        .Help(std::string(help))
        .Register(state_->registry)
        .Add(l, buckets);
  });
}

std::string PrometheusRegistry::serialize() const {
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  std::vector<prometheus::MetricFamily> process = process_metrics();
  families.insert(families.end(), std::make_move_iterator(process.begin()),
                  std::make_move_iterator(process.end()));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace caprock::observability
