#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "aws/credentials/cached_credentials.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/settings.h"
#include "base/metrics.h"

namespace caprock::aws {

/// What an account is made with; all of it outlives the account.
struct AccountTools {
  net::HttpClient& http;
  base::BlockingPool& pool;
  const base::Clock& clock;
  boost::asio::any_io_executor home;  ///< single-threaded; credentials are fetched there
  base::MetricRegistry& metrics = base::null_metrics();
};

/// The account that `[aws]`, the environment and the shared files name: its region, endpoints and
/// credentials. Nothing is asked of anybody before the first request needs it. Thread safe.
class Account {
 public:
  /// Reads the shared files, so it blocks: at the start of the process only. A mistake in them is logged, and
  /// told to the first request that needs them.
  Account(const CredentialSettings& settings, Environment environment, AccountTools tools);

  /// For Bedrock's services: the bearer token if there is one, else the same as `keys()`.
  CachedCredentials& bedrock() { return bearer_ ? *bearer_ : keys_; }
  /// For all others, and whatever has to be signed.
  CachedCredentials& keys() { return keys_; }
  /// Where a service is asked when a request names no region; empty when nobody said. Bedrock's services may
  /// have one of their own.
  const std::string& region(Service service) const;
  /// kInvalidArgument, among others when there is no region.
  base::Result<Endpoint> endpoint(Service service) const { return endpoint(service, region(service)); }
  base::Result<Endpoint> endpoint(Service service, const std::string& region) const {
    return tools_.endpoint(service, region);
  }
  /// For roles on top of this account: `assume_role_provider(account.tools(), lent(account.keys()), role)`.
  const ProviderTools& tools() const { return tools_; }

  /// Before `http` and `pool` go, unless `home` has ended by then.
  base::Awaitable<void> close();

 private:
  ProviderTools tools_;
  std::string bedrock_region_;
  CachedCredentials keys_;
  std::unique_ptr<CachedCredentials> bearer_;
};

}  // namespace caprock::aws
