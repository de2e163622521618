#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::net {

/// Whose idea a connection is. What an operator configured may be anywhere; a URL that came from a user, a
/// document, a model or a redirect of one may only lead to the public internet.
enum class Trust : std::uint8_t { kUser, kOperator };

/// An IP address in network byte order; IPv4 fills the first four bytes.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool v4 = false;
  /// Dotted decimal, or any text form of IPv6 without zone and brackets.
  static std::optional<IpAddress> parse(std::string_view text);
  std::string text() const;
  bool operator==(const IpAddress&) const = default;
};

/// All addresses that begin with the first `length` bits of `address`.
struct Network {
  IpAddress address;
  int length = 0;
  /// "10.0.0.0/8", or an address alone.
  static std::optional<Network> parse(std::string_view text);
  bool contains(const IpAddress& candidate) const;
};

/// Why a user's URL may not lead to `address` ("a private address", "a loopback address", …), or nothing when
/// it is a public unicast address. IPv6 forms that carry an IPv4 address (mapped, NAT64, 6to4, Teredo) are
/// refused whole.
std::optional<std::string_view> forbidden_reason(const IpAddress& address);

/// Which addresses may be connected to. Pure and immutable, so any thread may ask it.
class AddressPolicy {
 public:
  /// `allow` has networks, addresses and host names that users may reach although they are internal.
  /// kInvalidArgument names the entry that is none of these.
  static base::Result<AddressPolicy> create(const std::vector<std::string>& allow);
  AddressPolicy() = default;

  /// Asked with every address that `host` resolved to, before it is connected to. kInvalidArgument says why
  /// not and how an operator can allow it.
  base::Result<void> check(Trust trust, std::string_view host, const IpAddress& address) const;

 private:
  std::vector<Network> networks_;
  std::vector<std::string> hosts_;
};

}  // namespace caprock::net
