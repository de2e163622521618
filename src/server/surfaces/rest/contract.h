#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "server/surfaces/rest/operation.h"
#include "server/surfaces/rest/schemas.h"

namespace caprock::server::rest {

/// The OpenAPI 3.1 contract of `operations`, made from the table that the routes come from.
boost::json::object contract(const std::vector<Operation>& operations, const ContractFacts& facts);

}  // namespace caprock::server::rest
