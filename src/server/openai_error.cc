#include "server/openai_error.h"

#include <algorithm>
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
  std::string_view code;  ///< empty: null
};

// Kinds that are not here have the status of the one table (base/error.cc) and, below 500, are the caller's.
constexpr std::array kRows{Row{kUnauthenticated, 401, "invalid_request_error", "invalid_api_key"},
                           Row{kPermissionDenied, 403, "permission_error", ""},
                           Row{kRateLimited, 429, "rate_limit_error", "rate_limit_exceeded"},
                           Row{kUnprocessable, 400, "invalid_request_error", ""}};

bool is_overflow(const base::Error& error) {
  return error.kind == kUnprocessable && (error.field == "messages" || error.field == "input");
}

Row row_of(const base::Error& error) {
  if (is_overflow(error)) return {error.kind, 400, "invalid_request_error", "context_length_exceeded"};
  if (error.kind == kNotFound && error.field == "model")
    return {error.kind, 404, "invalid_request_error", "model_not_found"};
  if (error.cause == base::ErrorCause::kQuotaExceeded && error.kind == kRateLimited)
    return {error.kind, 429, "insufficient_quota", "insufficient_quota"};
  if (error.cause == base::ErrorCause::kServiceFault && error.kind == kUpstream)
    return {error.kind, 500, "server_error", ""};
  const auto found = std::ranges::find(kRows, error.kind, &Row::kind);
  if (found != kRows.end()) return *found;
  const int status = base::traits(error.kind).http_status;
  return {error.kind, status, status < 500 ? "invalid_request_error" : "server_error", ""};
}

}  // namespace

boost::json::object openai_error_object(const base::Error& error) {
  const Row row = row_of(error);
  boost::json::object told;
  // A message may quote what the client sent, which need not be UTF-8.
  told["message"] = base::repair_utf8(error.message);
  told["type"] = row.type;
  told["param"] = nullptr;
  if (!error.field.empty()) told["param"] = base::repair_utf8(error.field);
  told["code"] = nullptr;
  if (!row.code.empty()) told["code"] = row.code;
  return told;
}

std::string openai_error_json(const base::Error& error) {
  return boost::json::serialize(boost::json::object{{"error", openai_error_object(error)}});
}

RenderedError render_openai_error(const base::Error& error) {
  RenderedError answer{.status = row_of(error).status,
                       .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
                       .body = openai_error_json(error)};
  if (error.retry_after) answer.headers.add("retry-after", std::to_string(error.retry_after->count()));
  if (!base::retryable(error)) answer.headers.add("x-should-retry", "false");
  if (error.kind == kUnauthenticated) answer.headers.add("www-authenticate", "Bearer realm=\"caprock\"");
  return answer;
}

}  // namespace caprock::server
