#pragma once

#include <memory>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"

namespace caprock::aws {

/// ECS tasks and EKS pods: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` (on 169.254.170.2) or `…_FULL_URI`, with
/// the token of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` (read at every fetch) or `…_TOKEN`.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
std::unique_ptr<CredentialProvider> container_provider(const ProviderTools& tools);

/// Where the variables point to, or nothing. A full URI has to be https, a loopback address, or one of the
/// addresses of ECS and EKS: kInvalidArgument names the variable otherwise.
base::Result<std::optional<net::Url>> container_url(const Environment& environment);

}  // namespace caprock::aws
