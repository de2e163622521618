#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "server/surfaces/rest/operation.h"

namespace caprock::server::rest {

/// The OpenAPI 3.1 contract of `operations`, made from the table that the routes come from. `tools`: names
/// that a chat may ask for.
boost::json::object contract(const std::vector<Operation>& operations, const std::string& version,
                             const std::vector<std::string>& tools);

}  // namespace caprock::server::rest
