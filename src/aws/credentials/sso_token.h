#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace caprock::aws {

/// The token that `aws sso login` leaves below ~/.aws/sso/cache. Fields that we do not know are kept.
struct SsoToken {
  base::Secret access_token;
  base::WallTime expires;
  base::Secret refresh_token;  ///< empty: it cannot be renewed
  std::string client_id;
  base::Secret client_secret;
  base::WallTime registration_expires;
  boost::json::object document;

  bool renewable(base::WallTime now) const;
};

/// The file's name: SHA-1 of the session's name, or of the start URL without one. Not for secrecy: AWS's SDKs
/// find it by that.
std::string sso_cache_name(std::string_view session_or_start_url);

/// kInvalidArgument for anything that is no such token; never quotes a value.
base::Result<SsoToken> read_sso_token(std::string_view text);

/// The body of CreateToken
/// (https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html) for a renewal, and
/// the token after its answer. kUpstream.
std::string renewal_body(const SsoToken& token);
base::Result<SsoToken> renewed(const SsoToken& token, std::string_view answer, base::WallTime now);

}  // namespace caprock::aws
