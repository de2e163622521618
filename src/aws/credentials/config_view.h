#pragma once

#include <string>

#include "aws/credentials/shared_config.h"
#include "aws/endpoint.h"
#include "base/result.h"

namespace caprock::aws {

/// The environment and one profile, as endpoints are found from them (`find_endpoint`). Keeps what it needs
/// of its arguments; any thread. A profile that does not exist says nothing. kInvalidArgument with the field
/// "services" when the profile names a services section that does not exist: its endpoints would silently be
/// AWS's own.
base::Result<ConfigView> config_view(Environment environment, const SharedConfig& config,
                                     const std::string& profile);

}  // namespace caprock::aws
