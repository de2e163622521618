#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "server/connection.h"
#include "server/dispatch.h"
#include "server/http2_connection.h"
#include "server/transport.h"

namespace caprock::server {

/// A connection from its TLS handshake on. What it speaks is agreed by ALPN over TLS; in the clear, a client
/// that begins with HTTP/2's preface speaks HTTP/2 (prior knowledge), and any other HTTP/1.1. `overloaded`:
/// it is one too many and gets a 503.
std::unique_ptr<Connection> accepted_connection(std::unique_ptr<Transport> transport, Dispatcher& dispatcher,
                                                const Settings& settings, Http2Metrics& metrics,
                                                const boost::asio::any_io_executor& executor,
                                                bool overloaded);

}  // namespace caprock::server
