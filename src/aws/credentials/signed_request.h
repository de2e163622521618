#pragma once

#include <string_view>

#include "aws/credentials/credentials.h"
#include "net/http_client.h"

namespace caprock::aws {

/// Adds Authorization, X-Amz-Date and the session token to a request that is otherwise complete, for the few
/// calls that credentials themselves need. `credentials` are keys, not a bearer token.
void sign_request(net::HttpRequest& request, const Credentials& credentials, std::string_view region,
                  std::string_view service, base::WallTime now);

}  // namespace caprock::aws
