#pragma once

#include <optional>

#include "net/http_client.h"

namespace caprock::net {

/// Where a client that follows redirects goes next, or nothing when `status` is no redirect that may be
/// followed for this request. kUpstream for a Location that is missing, is no URL, or leads from https to
/// http.
base::Result<std::optional<Url>> redirect_target(const HttpRequest& request, int status,
                                                 const HttpHeaders& headers);

/// The headers that may go to another place than the caller named: none that can carry a credential.
HttpHeaders harmless_headers(const HttpHeaders& headers);

/// kInvalidArgument for a method, name or value that would change the shape of the request (RFC 9110 §5).
base::Result<void> check_request(const HttpRequest& request);

}  // namespace caprock::net
