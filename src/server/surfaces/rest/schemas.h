#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

namespace caprock::server::rest {

/// What the contract says of this server besides its routes.
struct ContractFacts {
  std::string version;
  std::vector<std::string> tools;  ///< names that a chat may ask for
  std::size_t batch = 100;         ///< requests in one batch
};

/// Everything under components/schemas: what requests may hold (from their fields) and what answers do hold.
boost::json::object component_schemas(const ContractFacts& facts);

}  // namespace caprock::server::rest
