#pragma once

#include <vector>

#include "server/exchange.h"
#include "server/surfaces/rest/rest_parts.h"

namespace caprock::server {

/// Every route of the REST surface, the contract at /openapi.json among them.
std::vector<Route> rest_routes(RestParts parts);

}  // namespace caprock::server
