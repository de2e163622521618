#pragma once

#include <string>
#include <vector>

#include "aws/credentials/settings.h"
#include "net/http_client.h"
#include "providers/provider.h"
#include "providers/settings.h"

namespace caprock::providers {

/// What providers are made with. The client must outlive them.
struct ProviderParts {
  net::HttpClient& http;
  std::string own_address;  ///< where Caprock listens: a provider there would be Caprock itself
  aws::CredentialSettings aws = {};
  aws::Environment environment = {};  ///< where AWS's settings may stand
};

/// Every provider there is, in the order in which they are tried for ids without prefix: one line each. The
/// settings are copied.
std::vector<Provider> make_providers(const ProviderSettings& settings, const ProviderParts& parts);

}  // namespace caprock::providers
