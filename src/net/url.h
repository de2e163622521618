#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caprock::net {

/// An absolute http or https URL, normalised as far as a client needs it. It never holds credentials.
struct Url {
  std::string scheme;      ///< "http" or "https"
  std::string host;        ///< lower case; an IPv6 literal without brackets
  std::uint16_t port = 0;  ///< never 0 in a parsed URL
  std::string target;      ///< encoded path and query, begins with '/'

  bool tls() const { return scheme == "https"; }
  /// "host", "host:8080" or "[::1]:8080": what goes into the Host header.
  std::string authority() const;
  /// scheme and authority: where credentials may go, and the key of a connection.
  std::string origin() const { return scheme + "://" + authority(); }
  std::string text() const { return origin() + target; }
  bool operator==(const Url&) const = default;
};

/// Reads a URL as people and pages write it: bytes that a URL may not hold (spaces, letters beyond ASCII) are
/// percent-encoded in path and query, a fragment is dropped. kInvalidArgument with the field "url" for
/// another scheme, a missing host, credentials, a host beyond ASCII, a bad port, or more than 8,192 bytes.
base::Result<Url> parse_url(std::string_view text);

/// What `reference` (of a Location header or a link) means on the page `base`, RFC 3986 §5. Errors as above.
base::Result<Url> resolve_url(const Url& base, std::string_view reference);

/// The last segment of the path, decoded and without anything that is not a plain file name; empty when there
/// is none.
std::string file_name_of(const Url& url);

}  // namespace caprock::net
