#pragma once

#include <boost/json/fwd.hpp>

namespace caprock::server::rest {

/// Everything under components/schemas: what requests may hold (from their fields) and what answers do hold.
boost::json::object component_schemas();

}  // namespace caprock::server::rest
