#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "aws/credentials/cached_credentials.h"
#include "aws/credentials/settings.h"
#include "aws/credentials/shared_config.h"
#include "aws/endpoint.h"
#include "base/metrics.h"
#include "net/settings.h"
#include "providers/bedrock/settings.h"

namespace caprock::providers::bedrock {

/// The AWS account that Bedrock is called with: its region, where its services answer, and its credentials,
/// kept fresh on a thread of their own so that no loop of anybody else waits for a file or a process. The
/// thread starts with the first call where nobody said anything about AWS. Thread safe.
class AwsAccount {
 public:
  struct Parts {
    aws::CredentialSettings aws;
    Settings bedrock;
    net::NetSettings net;
    aws::Environment environment;
    base::MetricRegistry& metrics = base::null_metrics();
  };
  explicit AwsAccount(Parts parts);
  ~AwsAccount();
  AwsAccount(const AwsAccount&) = delete;
  AwsAccount& operator=(const AwsAccount&) = delete;

  /// Whether anybody said anything about AWS: keys, a profile, a role, a region, an endpoint, shared files.
  /// An EC2 instance whose role is all there is has to name its region.
  bool configured() const;
  /// kInvalidArgument with the setting as field when there is no region, or no such endpoint.
  base::Result<aws::Endpoint> endpoint(aws::Service service);
  base::Awaitable<base::Result<aws::CachedCredentials::Pointer>> credentials(
      const base::RequestContext& context);
  /// AWS refused them.
  void reject(const aws::Credentials& refused);

 private:
  struct State;
  State& running();

  const Parts parts_;
  std::mutex mutex_;
  std::unique_ptr<State> state_;  ///< null before the first call
};

}  // namespace caprock::providers::bedrock
