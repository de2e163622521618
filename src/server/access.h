#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "server/exchange.h"
#include "server/settings.h"
#include "server/uri.h"

namespace caprock::server {

/// Keeps web pages of other origins out, also on loopback, where there may be no key: the Host header must
/// name this server (a page cannot rebind its own name to our address), and an Origin must be ours or
/// allowed. Immutable, any thread.
class AccessRules {
 public:
  /// `settings` must have passed its check().
  explicit AccessRules(const Settings& settings);

  /// kInvalidArgument for an authority that cannot be read, kPermissionDenied for a foreign one. Loopback
  /// names, the address of `listen` and `allowed_hosts` are ours; behind 0.0.0.0 and :: any IP address is,
  /// for an address cannot be rebound.
  base::Result<void> check_host(const Request& request) const;
  /// kPermissionDenied for a foreign Origin.
  base::Result<void> check_origin(const Request& request) const;
  /// The request's Origin when it is another page that `allowed_origins` lets in: it needs CORS headers.
  std::string cors_origin(const Request& request) const;

 private:
  bool host_is_allowed(const std::string& host) const;
  bool origin_is_listed(std::string_view origin) const;

  std::vector<std::string> hosts_;
  std::vector<std::string> origins_;
  bool any_host_ = false;
  bool any_address_ = false;
  bool any_origin_ = false;
};

}  // namespace caprock::server
