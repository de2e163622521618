#pragma once

#include <memory>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/run_process.h"
#include "aws/credentials/sources.h"

namespace caprock::aws {

/// `credential_process` of a profile.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
/// Without an Expiration its credentials hold for the life of the process, as that page says.
std::unique_ptr<CredentialProvider> process_provider(const ProviderTools& tools, ProcessCommand command,
                                                     ProcessLimits limits = {});

/// What such a program writes. kUpstream.
base::Result<Credentials> read_process_output(std::string_view text);

}  // namespace caprock::aws
