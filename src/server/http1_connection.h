#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "server/connection.h"
#include "server/dispatch.h"
#include "server/transport.h"

namespace caprock::server {

/// HTTP/1.1 (RFC 9112) over `transport`: one coroutine that reads a request, has it dispatched, and goes on
/// to the next. `overloaded`: it is one too many and gets a 503 without being read.
std::unique_ptr<Connection> http1_connection(std::unique_ptr<Transport> transport, Dispatcher& dispatcher,
                                             const Settings& settings,
                                             const boost::asio::any_io_executor& executor, bool overloaded);

}  // namespace caprock::server
