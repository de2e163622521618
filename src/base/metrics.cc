#include "base/metrics.h"

namespace caprock::base {
namespace {

class NullSeries final : public Counter, public Gauge, public Histogram {
 public:
  void add(double) override {}
  void set(double) override {}
  void observe(double) override {}
};

class NullRegistry final : public MetricRegistry {
 public:
  Counter& counter(std::string_view, std::string_view, const MetricLabels&) override { return series_; }
  Gauge& gauge(std::string_view, std::string_view, const MetricLabels&) override { return series_; }
  Histogram& histogram(std::string_view, std::string_view, const std::vector<double>&,
                       const MetricLabels&) override {
    return series_;
  }

 private:
  NullSeries series_;
};

}  // namespace

MetricRegistry& null_metrics() {
  static NullRegistry registry;
  return registry;
}

}  // namespace caprock::base
