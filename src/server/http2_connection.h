#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "base/metrics.h"
#include "server/connection.h"
#include "server/dispatch.h"
#include "server/wire.h"

namespace caprock::server {

/// caprock_http2_faults_total{reason}: connections that were closed for what their client did.
class Http2Metrics {
 public:
  explicit Http2Metrics(base::MetricRegistry& registry);
  void fault(std::size_t kind) { faults_.at(kind)->add(); }

 private:
  std::array<base::Counter*, 5> faults_{};
};

/// HTTP/2 (RFC 9113) over `wire`, whose handshake is done and whose input begins with the client's preface:
/// one coroutine reads, one writes, and one a stream answers it.
std::unique_ptr<Connection> http2_connection(Wire& wire, Dispatcher& dispatcher, const Settings& settings,
                                             Http2Metrics& metrics,
                                             const boost::asio::any_io_executor& executor);

}  // namespace caprock::server
