#pragma once

#include <memory>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/sources.h"

namespace caprock::aws {

/// IAM Identity Center: the token that `aws sso login` left (in `~/.aws/sso/cache`), renewed when
/// it belongs to an sso-session and is near its end, and exchanged for a role's credentials. A renewed token
/// is written back to its file, because AWS may have replaced the refresh token in it, which the AWS CLI
/// needs too. https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
std::unique_ptr<CredentialProvider> sso_provider(const ProviderTools& tools, SsoAccount account);

/// What GetRoleCredentials answers. kUpstream.
base::Result<Credentials> read_role_credentials(std::string_view text);

}  // namespace caprock::aws
