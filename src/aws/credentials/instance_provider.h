#pragma once

#include <memory>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"

namespace caprock::aws {

struct InstanceSource {
  bool disabled = false;
  std::string endpoint = "http://169.254.169.254";
  bool allow_v1 = false;  ///< ask without a token when the service gives none
  /// Of each of the three requests. Where there is no such service, packets are often just dropped, so this
  /// is what the first request of a process waits in vain.
  std::chrono::milliseconds timeout{1'000};
};

/// The role of an EC2 instance, by IMDSv2.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
/// Credentials that the service itself lets expire (it cannot reach STS then) are used for some minutes more,
/// as AWS's SDKs do.
std::unique_ptr<CredentialProvider> instance_provider(const ProviderTools& tools, InstanceSource source);

}  // namespace caprock::aws
