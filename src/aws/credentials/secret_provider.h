#pragma once

#include <memory>
#include <string>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"

namespace caprock::aws {

/// Credentials that are kept as JSON in AWS Secrets Manager: `{"access_key_id", "secret_access_key"}` with
/// `session_token`, or `{"bearer_token"}`; also in the spellings AccessKeyId and AWS_ACCESS_KEY_ID. `source`
/// has what the secret is read with. `secret` is a name or an ARN, whose region then counts.
/// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
std::unique_ptr<CredentialProvider> secret_provider(const ProviderTools& tools,
                                                    std::unique_ptr<CredentialProvider> source,
                                                    std::string secret);

/// The JSON within the secret. kUpstream names the field that is missing; never quotes a value.
base::Result<Credentials> read_secret(std::string_view text);

}  // namespace caprock::aws
