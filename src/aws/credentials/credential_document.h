#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "aws/credentials/credentials.h"

namespace caprock::aws {

/// The JSON that AWS's credential services and helper programs answer with. Errors of every function here:
/// kUpstream, which names `who` and the field and never quotes a value.

/// One JSON object, at most 16 levels deep.
base::Result<boost::json::object> read_object(std::string_view text, std::string_view who);
/// The text of `key`; absent, null and "" are errors when `required`, else "".
base::Result<std::string> text_field(const boost::json::object& object, std::string_view key, bool required,
                                     std::string_view who);

/// The spelling of the session token: metadata services say "Token", credential_process "SessionToken".
struct DocumentKeys {
  std::string_view token;
  bool expires = true;  ///< an answer without Expiration is an error
};
/// AccessKeyId, SecretAccessKey, the token, Expiration, AccountId.
base::Result<Credentials> read_credentials(const boost::json::object& object, const DocumentKeys& keys,
                                           std::string_view who);

/// Keys and tokens travel in headers: only visible ASCII passes.
base::Result<void> check_credentials(const Credentials& credentials, std::string_view who);

}  // namespace caprock::aws
