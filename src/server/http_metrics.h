#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "server/exchange.h"

namespace caprock::server {

/// caprock_http_requests_total{route,method,status}, caprock_http_protocol_requests_total{protocol},
/// caprock_http_request_duration_seconds{route} and caprock_http_requests_in_flight. Series are looked up
/// once and then found without a lock. Any thread.
class HttpMetrics {
 public:
  HttpMetrics(const std::vector<Route>& routes, base::MetricRegistry& registry);

  void begin() { in_flight_.add(1); }
  /// `route`: the index in the table, or routes.size() for a request that found none.
  void end(std::size_t route, int status, Protocol protocol, std::chrono::nanoseconds took);

 private:
  static constexpr int kFirstStatus = 100;
  static constexpr int kLastStatus = 599;
  struct Series {
    std::string route;
    std::string method;
    base::Histogram* duration;
    std::array<std::atomic<base::Counter*>, kLastStatus - kFirstStatus + 1> by_status{};
  };
  base::Counter& counter(Series& series, int status);

  base::MetricRegistry& registry_;
  base::Gauge& in_flight_;
  std::array<base::Counter*, 4> by_protocol_{};
  std::vector<std::unique_ptr<Series>> series_;  ///< one a route, and a last one for none
};

}  // namespace caprock::server
