#pragma once

#include <memory>

#include "aws/credentials/credentials.h"

namespace caprock::aws {

/// The token of `AWS_BEARER_TOKEN_BEDROCK` or `[aws] bearer_token`. Bedrock's services only.
std::unique_ptr<CredentialProvider> bearer_provider(base::Secret token);

}  // namespace caprock::aws
