#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"
#include "providers/openai_compatible/dialect.h"

namespace caprock::providers::openai {

/// What an answer other than 2xx means. Refused credentials, an empty account and a wrong base_url are the
/// operator's matter (kInternal, with the setting to change): no caller can do anything about them. A prompt
/// that is too long is kUnprocessable with field "messages", throttling is kRateLimited: the two are never
/// mistaken for one another, whatever the message says.
base::Error error_of(const Dialect& dialect, const std::string& model, int status,
                     const net::HttpHeaders& headers, std::string_view body);

/// An error in the middle of a stream: `error` is the JSON text of its "error" member.
base::Error error_in_stream(const Dialect& dialect, const std::string& model, std::string_view error);

/// A reply that is not what the protocol says, or broke off.
base::Error broken_reply(const Dialect& dialect, const std::string& model, std::string detail);

}  // namespace caprock::providers::openai
