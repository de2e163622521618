#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "server/surfaces/rest/operation.h"

namespace caprock::server::rest {

/// The OpenAPI 3.1 contract of `operations`, made from the table that the routes come from.
boost::json::object contract(const std::vector<Operation>& operations, const std::string& version);

}  // namespace caprock::server::rest
