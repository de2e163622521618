#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caprock::server {

/// Decodes %XX (RFC 3986 §2.1). Nothing for a broken escape, a NUL, or bytes that are not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// "host", "host:port", "[v6]:port". The host comes in lower case, without the brackets of an address.
struct Authority {
  std::string host;
  std::string port;  ///< digits, or empty
  bool operator==(const Authority&) const = default;
};
/// RFC 3986 §3.2 without userinfo. Nothing when malformed.
std::optional<Authority> parse_authority(std::string_view text);

/// "http://host[:port]" of an Origin header or an absolute target. A port that the scheme implies is dropped.
struct Origin {
  std::string scheme;
  Authority authority;
};
std::optional<Origin> parse_origin(std::string_view text);

/// True for an IPv4 or IPv6 address: a name can be rebound to another address, an address cannot.
bool is_ip_address(std::string_view host);
bool is_loopback_address(std::string_view host);

}  // namespace caprock::server
