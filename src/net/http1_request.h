#pragma once

#include <string>

#include "net/http_client.h"

namespace caprock::net {

/// Appends the request line and the headers of an HTTP/1.1 request (RFC 9112 §3), framed by the size of its
/// body. Its parts are those that check_request() let through.
void append_request_head(std::string& out, const HttpRequest& request);

}  // namespace caprock::net
