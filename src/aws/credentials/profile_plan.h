#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/credentials/shared_config.h"
#include "aws/credentials/sources.h"
#include "base/result.h"

namespace caprock::aws {

/// What a profile asks for: where the first credentials come from, and the roles that are assumed with them,
/// in this order.
struct ProfilePlan {
  BaseSource base;
  std::vector<Role> roles;
};

/// Works out `profile` and everything it refers to (`source_profile`, `credential_source`, `sso_session`),
/// without reading or asking anything else. Nothing when the profile names no credentials. kInvalidArgument
/// names the profile and the key: an unknown profile, a circle of source_profile, half a set of keys, MFA.
base::Result<std::optional<ProfilePlan>> plan_profile(const SharedConfig& config, const std::string& profile);

}  // namespace caprock::aws
