#include "server/http_metrics.h"

#include <algorithm>

namespace caprock::server {
namespace {

const std::vector<double>& duration_buckets() {
  static const std::vector<double> kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                            0.25,   0.5,   1,      2.5,   5,    10,    30,   60};
  return kSeconds;
}

}  // namespace

HttpMetrics::HttpMetrics(const std::vector<Route>& routes, base::MetricRegistry& registry)
    : registry_(registry),
      in_flight_(registry.gauge("caprock_http_requests_in_flight", "Requests being answered")) {
  const auto add = [&](std::string_view route, std::string_view method) {
    auto series = std::make_unique<Series>();
    series->route = route;
    series->method = method;
    series->duration = &registry_.histogram("caprock_http_request_duration_seconds",
                                            "From the end of the headers to the end of the answer",
                                            duration_buckets(), {{"route", series->route}});
    series_.push_back(std::move(series));
  };
  for (std::size_t i = 0; i < by_protocol_.size(); ++i)
    by_protocol_.at(i) =
        &registry_.counter("caprock_http_protocol_requests_total", "Requests answered, by the door they took",
                           {{"protocol", std::string(name_of(static_cast<Protocol>(i)))}});
  for (const Route& route : routes) add(route.pattern, route.method);
  add("none", "any");
}

base::Counter& HttpMetrics::counter(Series& series, int status) {
  auto& slot = series.by_status.at(
      static_cast<std::size_t>(std::clamp(status, kFirstStatus, kLastStatus) - kFirstStatus));
  base::Counter* known = slot.load(std::memory_order_acquire);
  if (known == nullptr) {
    known = &registry_.counter(
        "caprock_http_requests_total", "Requests answered",
        {{"route", series.route}, {"method", series.method}, {"status", std::to_string(status)}});
    slot.store(known, std::memory_order_release);
  }
  return *known;
}

void HttpMetrics::end(std::size_t route, int status, Protocol protocol, std::chrono::nanoseconds took) {
  Series& series = *series_.at(std::min(route, series_.size() - 1));
  counter(series, status).add();
  by_protocol_.at(static_cast<std::size_t>(protocol))->add();
  series.duration->observe(std::chrono::duration<double>(took).count());
  in_flight_.add(-1);
}

}  // namespace caprock::server
