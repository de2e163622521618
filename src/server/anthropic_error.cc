#include "server/anthropic_error.h"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/utf8.h"

namespace caprock::server {
namespace {

using enum base::ErrorKind;

struct Row {
  base::ErrorKind kind;
  int status;
  std::string_view type;
};
constexpr std::string_view kInvalid = "invalid_request_error";
constexpr std::string_view kApi = "api_error";

constexpr std::array kRows{Row{kInvalidArgument, 400, kInvalid},
                           Row{kUnauthenticated, 401, "authentication_error"},
                           Row{kPermissionDenied, 403, "permission_error"},
                           Row{kNotFound, 404, "not_found_error"},
                           Row{kMethodNotAllowed, 405, kInvalid},
                           Row{kRequestTimeout, 408, "timeout_error"},
                           Row{kConflict, 409, "conflict_error"},
                           Row{kPayloadTooLarge, 413, "request_too_large"},
                           Row{kUnsupportedMediaType, 415, kInvalid},
                           Row{kUnprocessable, 400, kInvalid},
                           Row{kHeadersTooLarge, 431, kInvalid},
                           Row{kRateLimited, 429, "rate_limit_error"},
                           Row{kCancelled, 499, kApi},
                           Row{kInternal, 500, kApi},
                           Row{kNotImplemented, 501, kInvalid},
                           Row{kUpstream, 502, kApi},
                           Row{kUnavailable, 529, "overloaded_error"},
                           Row{kDeadlineExceeded, 504, "timeout_error"},
                           Row{kOutOfSpace, 507, kApi}};

// The table is indexed by kind: its order is the enum's.
static_assert([] {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].kind) != i) return false;
  return true;
}());

const Row& row_of(const base::Error& error) {
  // A provider's own fault is told as one: SDKs know 500, and 502 only some.
  const bool theirs = error.kind == kUpstream && error.cause == base::ErrorCause::kServiceFault;
  return kRows.at(static_cast<std::size_t>(theirs ? kInternal : error.kind));
}

std::string message_of(const base::Error& error) {
  // Claude Code and others know an overflow by these words.
  if (error.kind == kUnprocessable && error.field == "messages")
    return error.message.starts_with("prompt is too long") ? error.message
                                                           : "prompt is too long: " + error.message;
  if (error.field.empty() || error.message.contains(error.field)) return error.message;
  return error.field + ": " + error.message;
}

}  // namespace

std::string anthropic_error_json(const base::Error& error, const base::RequestId& request_id) {
  boost::json::object told{{"type", row_of(error).type}};
  // A message may quote what the client sent, which need not be UTF-8.
  told["message"] = base::repair_utf8(message_of(error));
  boost::json::object body{{"type", "error"}};
  body["error"] = std::move(told);
  body["request_id"] = request_id.str();
  return boost::json::serialize(body);
}

RenderedError render_anthropic_error(const base::Error& error, const base::RequestId& request_id) {
  RenderedError answer{.status = row_of(error).status,
                       .headers = {{"content-type", "application/json"},
                                   {"cache-control", "no-store"},
                                   {"request-id", request_id.str()}},
                       .body = anthropic_error_json(error, request_id)};
  if (error.retry_after) answer.headers.add("retry-after", std::to_string(error.retry_after->count()));
  if (!base::retryable(error)) answer.headers.add("x-should-retry", "false");
  if (error.kind == kUnauthenticated) answer.headers.add("www-authenticate", "Bearer realm=\"caprock\"");
  return answer;
}

}  // namespace caprock::server
