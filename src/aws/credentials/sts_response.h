#pragma once

#include <string>
#include <string_view>

#include "aws/credentials/credentials.h"

namespace caprock::aws {

/// The XML that STS answers AssumeRole and AssumeRoleWithWebIdentity with
/// (https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html). Strict: one root of the name
/// that belongs to `action`, each field exactly once. kUpstream, which never quotes a value.
base::Result<Credentials> read_sts_credentials(std::string_view xml, const std::string& action);

struct StsError {
  std::string code;  ///< empty when the answer is not STS's own
  std::string message;
  std::string request_id;
};
/// Never fails, whatever the bytes.
StsError read_sts_error(std::string_view xml);

}  // namespace caprock::aws
