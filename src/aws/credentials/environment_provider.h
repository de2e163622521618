#pragma once

#include <memory>

#include "aws/credentials/credentials.h"
#include "aws/credentials/shared_config.h"

namespace caprock::aws {

/// `AWS_BEDROCK_ACCESS_KEY_ID` with `AWS_BEDROCK_SECRET_ACCESS_KEY` (and `AWS_BEDROCK_SESSION_TOKEN`), else
/// the same without BEDROCK, to which `AWS_CREDENTIAL_EXPIRATION` and `AWS_ACCOUNT_ID` belong. The spellings
/// are never mixed, and half a pair is an error.
std::unique_ptr<CredentialProvider> environment_provider(Environment environment);

}  // namespace caprock::aws
