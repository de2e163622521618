#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"

namespace caprock::providers::bedrock {

/// Where a call went, for the origin of its errors.
struct CallPlace {
  std::string model;
  std::string region;
  std::string request_id = {};  ///< Bedrock's own
};

/// What an answer other than 2xx means. By the type that Bedrock names (x-amzn-errortype, else the body's
/// __type or code), then by status. Throttling is kRateLimited whatever its message says about tokens; a
/// prompt that is too long is kUnprocessable with field "messages"; a model that Bedrock does not know,
/// which it calls a validation error, is kNotFound with field "model"; refused credentials are the operator's
/// matter, kInternal with the setting to look at. `detail` begins with Bedrock's type; `cause` is what it
/// says of trying again.
base::Error error_of_answer(CallPlace place, int status, const net::HttpHeaders& headers,
                            std::string_view body);

/// An exception in the middle of an event stream: `type` begins in lower case there.
base::Error error_of_exception(CallPlace place, std::string_view type, std::string_view payload);

/// Bedrock answers operations that it does not know with status 200 and {"Output":{"__type":…}}.
bool is_disguised_error(std::string_view body);

/// An answer that is not what the protocol says, or broke off.
base::Error broken_answer(CallPlace place, std::string detail);

}  // namespace caprock::providers::bedrock
