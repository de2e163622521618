#include "net/address_policy.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

namespace caprock::net {
namespace {

struct Special {
  std::string_view network;
  std::string_view reason;
};

// https://www.iana.org/assignments/iana-ipv4-special-registry, and the metadata services of clouds outside of
// it.
constexpr std::array kSpecial4{
    Special{"0.0.0.0/8", "an address of this network"},
    Special{"10.0.0.0/8", "a private address"},
    Special{"100.64.0.0/10", "an address behind carrier NAT"},
    Special{"127.0.0.0/8", "a loopback address"},
    Special{"168.63.129.16/32", "a cloud metadata address"},  // Azure
    Special{"169.254.0.0/16", "a link-local or cloud metadata address"},
    Special{"172.16.0.0/12", "a private address"},
    Special{"192.0.0.0/24", "a reserved address"},
    Special{"192.0.2.0/24", "an address for documentation"},
    Special{"192.88.99.0/24", "a 6to4 relay address"},
    Special{"192.168.0.0/16", "a private address"},
    Special{"198.18.0.0/15", "an address for benchmarks"},
    Special{"198.51.100.0/24", "an address for documentation"},
    Special{"203.0.113.0/24", "an address for documentation"},
    Special{"224.0.0.0/4", "a multicast address"},
    Special{"240.0.0.0/4", "a reserved address"},
};

// https://www.iana.org/assignments/iana-ipv6-special-registry. Only 2000::/3 is public unicast, so what lies
// outside is refused anyway; it is listed where a better word helps.
constexpr std::array kSpecial6{
    Special{"::/128", "the unspecified address"},
    Special{"::1/128", "a loopback address"},
    Special{"::ffff:0:0/96", "an IPv4-mapped address"},
    Special{"64:ff9b::/96", "a NAT64 address"},
    Special{"64:ff9b:1::/48", "a NAT64 address"},
    Special{"fc00::/7", "a private address"},
    Special{"fe80::/10", "a link-local address"},
    Special{"ff00::/8", "a multicast address"},
    Special{"2001::/23", "a reserved or tunnel address"},  // Teredo, ORCHID, benchmarks
    Special{"2001:db8::/32", "an address for documentation"},
    Special{"2002::/16", "a 6to4 address"},
    Special{"3fff::/20", "an address for documentation"},
};

struct ParsedSpecial {
  Network network;
  std::string_view reason;
};

const std::vector<ParsedSpecial>& special_networks() {
  static const std::vector<ParsedSpecial> kParsed = [] {
    std::vector<ParsedSpecial> out;
    out.reserve(kSpecial4.size() + kSpecial6.size());
    for (const Special& s : kSpecial4) out.push_back({Network::parse(s.network).value(), s.reason});
    for (const Special& s : kSpecial6) out.push_back({Network::parse(s.network).value(), s.reason});
    return out;
  }();
  return kParsed;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy(text);
  IpAddress address;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) {
    address.v4 = true;
    return address;
  }
  if (::inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  ::inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data(), out.data(), out.size());
  return out.data();
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int longest = address->v4 ? 32 : 128;
  if (slash == std::string_view::npos) return Network{*address, longest};
  int length = -1;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data() + slash + 1, end, length).ptr != end || length < 0 || length > longest)
    return std::nullopt;
  return Network{*address, length};
}

bool Network::contains(const IpAddress& candidate) const {
  if (candidate.v4 != address.v4) return false;
  const auto whole = static_cast<std::size_t>(length / 8);
  if (std::memcmp(candidate.bytes.data(), address.bytes.data(), whole) != 0) return false;
  if (length % 8 == 0) return true;
  const int drop = 8 - length % 8;
  return (candidate.bytes[whole] >> drop) == (address.bytes[whole] >> drop);
}

std::optional<std::string_view> forbidden_reason(const IpAddress& address) {
  for (const ParsedSpecial& special : special_networks())
    if (special.network.contains(address)) return special.reason;
  if (!address.v4 && (address.bytes[0] & 0xe0) != 0x20) return "not a public unicast address";
  return std::nullopt;
}

base::Result<AddressPolicy> AddressPolicy::create(const std::vector<std::string>& allow) {
  AddressPolicy policy;
  for (const std::string& entry : allow) {
    if (const std::optional<Network> network = Network::parse(entry))
      policy.networks_.push_back(*network);
    else if (is_host_name(entry))
      policy.hosts_.push_back(lower(entry));
    else
      return base::failure(base::invalid_argument(
          "net.allow",
          fmt::format("[net] allow: \"{}\" is not a network such as 10.1.0.0/16, an address, or a host name",
                      entry)));
  }
  return policy;
}

base::Result<void> AddressPolicy::check(Trust trust, std::string_view host, const IpAddress& address) const {
  if (trust == Trust::kOperator) return {};
  const std::optional<std::string_view> reason = forbidden_reason(address);
  if (!reason || std::ranges::find(hosts_, lower(host)) != hosts_.end()) return {};
  if (std::ranges::any_of(networks_, [&](const Network& n) { return n.contains(address); })) return {};
  return base::failure(
      base::Error(
          base::ErrorKind::kInvalidArgument,
          fmt::format("{} leads to {}, which a URL may not do; [net] allow lists exceptions", host, *reason))
          .with_field("url")
          .with_detail(fmt::format("{} resolved to {}", host, address.text())));
}

}  // namespace caprock::net
