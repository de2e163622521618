#pragma once

#include <string>

#include "base/result.h"
#include "server/surfaces/bedrock/shape.h"

namespace caprock::server::bedrock {

/// The member "name" of a tool: [a-zA-Z0-9_-], 1 to 64.
base::Result<std::string> read_tool_name(const Shape& of);

}  // namespace caprock::server::bedrock
