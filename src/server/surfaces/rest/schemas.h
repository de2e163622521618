#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

namespace caprock::server::rest {

/// Everything under components/schemas: what requests may hold (from their fields) and what answers do hold.
/// `tools`: the names that a chat may ask for.
boost::json::object component_schemas(const std::vector<std::string>& tools);

}  // namespace caprock::server::rest
