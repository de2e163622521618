#include "net/redirect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "net/http_text.h"

namespace caprock::net {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;

}  // namespace

std::string_view header_value(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return value;
  return {};
}

base::Result<std::optional<Url>> redirect_target(const HttpRequest& request, int status,
                                                 const HttpHeaders& headers) {
  constexpr std::array kRedirects{301, 302, 303, 307, 308};
  const bool repeatable = request.method == "GET" || request.method == "HEAD";
  if (!repeatable || request.max_redirects == 0 || std::ranges::find(kRedirects, status) == kRedirects.end())
    return std::nullopt;
  const std::string_view location = header_value(headers, "location");
  if (location.empty())
    return failure(Error(ErrorKind::kUpstream, "the server redirected without saying where to"));
  base::Result<Url> next = resolve_url(request.url, location);
  if (!next)
    return failure(
        Error(ErrorKind::kUpstream, "the server redirected to something that is no http or https URL"));
  if (request.url.tls() && !next->tls())
    return failure(
        Error(ErrorKind::kUpstream, fmt::format("{} redirected from https to http", request.url.host)));
  return std::move(*next);
}

HttpHeaders harmless_headers(const HttpHeaders& headers) {
  HttpHeaders kept;
  for (const HttpHeader& header : headers)
    for (const std::string_view harmless : {"accept", "accept-language", "user-agent"})
      if (same_name(header.first, harmless)) kept.push_back(header);
  return kept;
}

base::Result<void> check_request(const HttpRequest& request) {
  if (!is_token(request.method)) return failure(base::invalid_argument("method", "is not an HTTP method"));
  for (const auto& [name, value] : request.headers)
    if (!is_token(name) || !is_field_value(value))
      return failure(base::invalid_argument(is_token(name) ? name : "headers", "is not a valid HTTP header"));
  return {};
}

}  // namespace caprock::net
