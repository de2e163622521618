#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/sources.h"

namespace caprock::aws {

using FormFields = std::vector<std::pair<std::string, std::string>>;

/// The fields of AssumeRole and AssumeRoleWithWebIdentity that a role brings, in the order that AWS
/// documents. `now` makes the session's name where the role has none.
FormFields role_fields(const std::string& action, const Role& role, base::WallTime now);
/// application/x-www-form-urlencoded: everything but A-Za-z0-9-._~ is percent-encoded, a space is '+'.
std::string form_encode(const FormFields& fields);

/// A POST of `body` to the STS of a region, not signed.
base::Result<net::HttpRequest> sts_request(const ProviderTools& tools, const std::string& region,
                                           std::string body);
/// The credentials in an answer to `action`, or why there are none.
base::Result<Credentials> read_sts_answer(const HttpAnswer& answer, const std::string& action);

}  // namespace caprock::aws
