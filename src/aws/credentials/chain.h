#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/settings.h"

namespace caprock::aws {

/// Asks one provider after the other until one has credentials. An error ends it, for that provider is
/// configured and another identity in its stead would be a surprise. Nothing says what each lacked, and an
/// error's detail says what was asked before.
std::unique_ptr<CredentialProvider> chain(std::vector<std::unique_ptr<CredentialProvider>> providers);

/// Bedrock's services take a bearer token, all others want keys.
enum class BearerToken : std::uint8_t { kAllowed, kIgnored };

/// The credentials that the settings ask for: the whole list with its order is in chain.cc. `tools` must
/// outlive it.
std::unique_ptr<CredentialProvider> make_credentials(const CredentialSettings& settings,
                                                     const ProviderTools& tools, BearerToken bearer);

}  // namespace caprock::aws
