#pragma once

#include <memory>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/sources.h"

namespace caprock::aws {

/// The credentials of `role`, assumed with those of `source`; nothing when that has nothing.
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
std::unique_ptr<CredentialProvider> assume_role_provider(const ProviderTools& tools,
                                                         std::unique_ptr<CredentialProvider> source,
                                                         Role role);

/// One call of AssumeRole.
base::Awaitable<base::Result<Credentials>> assume_role(const base::RequestContext& context,
                                                       const ProviderTools& tools, const Credentials& with,
                                                       const Role& role);

}  // namespace caprock::aws
