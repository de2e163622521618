#include "server/access.h"

#include <algorithm>

namespace caprock::server {
namespace {

bool same_origin(const Request& request, std::string_view origin) {
  const auto theirs = parse_origin(origin);
  // The scheme is left out: behind a proxy that ends TLS it differs, and the host is checked anyway.
  const auto ours = parse_origin((theirs ? theirs->scheme : "http") + "://" + request.authority);
  return theirs && ours && theirs->authority == ours->authority;
}

std::string normalised_origin(std::string_view text) {
  const auto origin = parse_origin(text);
  if (!origin) return std::string(text);
  return origin->scheme + "://" + origin->authority.host + ":" + origin->authority.port;
}

}  // namespace

AccessRules::AccessRules(const Settings& settings) : hosts_{"localhost", "127.0.0.1", "::1"} {
  if (const auto address = parse_listen(settings.listen)) {
    hosts_.push_back(address->host);
    any_address_ = address->any();
  }
  for (const std::string& host : settings.allowed_hosts) {
    if (host == "*") any_host_ = true;
    const auto parsed = parse_authority(host);
    hosts_.push_back(parsed ? parsed->host : host);
  }
  for (const std::string& origin : settings.allowed_origins) {
    if (origin == "*") any_origin_ = true;
    origins_.push_back(normalised_origin(origin));
  }
}

bool AccessRules::host_is_allowed(const std::string& host) const {
  if (any_host_ || std::ranges::find(hosts_, host) != hosts_.end()) return true;
  return any_address_ && is_ip_address(host);
}

base::Result<void> AccessRules::check_host(const Request& request) const {
  const auto authority = parse_authority(request.authority);
  if (!authority) return base::failure(base::invalid_argument("host", "the Host header is no host and port"));
  if (host_is_allowed(authority->host)) return {};
  return base::failure(base::Error(base::ErrorKind::kPermissionDenied,
                                   "this server does not answer to the host '" + authority->host +
                                       "'; add it to [server] allowed_hosts if it should")
                           .with_field("host"));
}

bool AccessRules::origin_is_listed(std::string_view origin) const {
  return any_origin_ || std::ranges::find(origins_, normalised_origin(origin)) != origins_.end();
}

base::Result<void> AccessRules::check_origin(const Request& request) const {
  const std::string_view origin = request.headers.get("origin");
  if (origin.empty() || same_origin(request, origin) || origin_is_listed(origin)) return {};
  return base::failure(base::Error(base::ErrorKind::kPermissionDenied,
                                   "web pages of this origin may not call this server; add it to [server] "
                                   "allowed_origins if they should")
                           .with_field("origin"));
}

std::string AccessRules::cors_origin(const Request& request) const {
  const std::string_view origin = request.headers.get("origin");
  if (origin.empty() || same_origin(request, origin) || !origin_is_listed(origin)) return {};
  return std::string(origin);
}

}  // namespace caprock::server
