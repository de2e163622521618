#pragma once

#include <memory>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/sources.h"

namespace caprock::aws {

/// AssumeRoleWithWebIdentity with the token of a file, which is read at every fetch: whoever put it there
/// (EKS, a CI system) replaces it before it ends. The call is not signed.
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
/// Without a token file and role: nothing, because neither `AWS_WEB_IDENTITY_TOKEN_FILE` … is set.
std::unique_ptr<CredentialProvider> web_identity_provider(const ProviderTools& tools, WebIdentity identity);

}  // namespace caprock::aws
