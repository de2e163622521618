#pragma once

#include <memory>

#include "server/connection.h"
#include "server/dispatch.h"
#include "server/wire.h"

namespace caprock::server {

/// What is known of a connection before its first request.
struct Http1Start {
  bool overloaded = false;  ///< it is one too many and gets a 503 without being read
  /// Set when the client's first bytes are the preface of HTTP/2. They are left in the wire, which stays
  /// open. Null: nobody speaks HTTP/2 here.
  bool* http2 = nullptr;
};

/// HTTP/1.1 (RFC 9112) over `wire`, whose handshake is done: one coroutine that reads a request, has it
/// dispatched, and goes on to the next.
std::unique_ptr<Connection> http1_connection(Wire& wire, Dispatcher& dispatcher, const Settings& settings,
                                             Http1Start start);

}  // namespace caprock::server
