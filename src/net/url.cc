#include "net/url.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace caprock::net {
namespace {

namespace urls = boost::urls;
using base::failure;
using base::invalid_argument;
using base::Result;

constexpr std::size_t kLongestUrl = 8192;

/// What browsers encode silently when it stands in a path or query.
std::string encode_strays(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool stray =
        byte <= 0x20 || byte >= 0x7f || std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos;
    if (stray)
      out += fmt::format("%{:02X}", byte);
    else
      out += c;
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<std::string> host_of(const urls::url_view& url) {
  if (url.host_type() == urls::host_type::ipv6) return std::string(url.host_ipv6_address().to_string());
  std::string host(url.encoded_host());
  if (host.empty()) return failure(invalid_argument("url", "the URL has no host"));
  if (host.find('%') != std::string::npos || host.front() == '[')
    return failure(
        invalid_argument("url", "the host of the URL must be ASCII; write an international name as xn--…"));
  return host;
}

Result<std::uint16_t> port_of(const urls::url_view& url) {
  if (!url.has_port() || url.port().empty())
    return static_cast<std::uint16_t>(url.scheme() == "https" ? 443 : 80);
  const std::string_view digits = url.port();
  std::uint16_t port = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), port).ec != std::errc{} || port == 0)
    return failure(invalid_argument("url", "the port of the URL must be from 1 to 65535"));
  return port;
}

Result<Url> from_view(urls::url url) {
  url.normalize();
  if (url.scheme() != "http" && url.scheme() != "https")
    return failure(invalid_argument("url", "only http and https URLs can be fetched"));
  if (url.has_userinfo())
    return failure(invalid_argument("url", "a URL may not contain a user name or password"));
  CAPROCK_TRY(std::string host, host_of(url));
  CAPROCK_TRY(const std::uint16_t port, port_of(url));
  std::string target(url.encoded_path());
  // Boost.URL 1.81 ends a host at the address that it begins with: of "http://1.2.3.4.example.org/" it makes
  // the host 1.2.3.4 and a path, which is another place than the one that was named.
  if (!target.empty() && target.front() != '/')
    return failure(invalid_argument("url", "the host of the URL begins with an IPv4 address and goes on"));
  if (target.empty()) target = "/";
  if (url.has_query()) target += "?" + std::string(url.encoded_query());
  return Url{std::string(url.scheme()), std::move(host), port, std::move(target)};
}

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls() ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kLongestUrl)
    return failure(invalid_argument("url", fmt::format("the URL is longer than {} bytes", kLongestUrl)));
  const std::string encoded = encode_strays(trim(text));
  const auto parsed = urls::parse_uri(encoded);
  if (!parsed)
    return failure(invalid_argument("url", "is not an absolute URL such as https://example.org/page"));
  return from_view(urls::url(*parsed));
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  if (reference.size() > kLongestUrl) return failure(invalid_argument("url", "the URL is too long"));
  const std::string encoded = encode_strays(trim(reference));
  const auto parsed = urls::parse_uri_reference(encoded);
  if (!parsed) return failure(invalid_argument("url", "is not a URL"));
  const std::string base_text = base.text();
  const urls::url_view base_view = urls::parse_uri(base_text).value();
  urls::url target;
  if (!urls::resolve(base_view, *parsed, target)) return failure(invalid_argument("url", "is not a URL"));
  return from_view(std::move(target));
}

std::string file_name_of(const Url& url) {
  std::string_view path = url.target;
  path = path.substr(0, path.find('?'));
  path = path.substr(path.rfind('/') + 1);
  std::string name;
  for (std::size_t i = 0; i < path.size(); ++i) {
    unsigned byte = static_cast<unsigned char>(path[i]);
    if (path[i] == '%' && i + 2 < path.size() &&
        std::from_chars(path.data() + i + 1, path.data() + i + 3, byte, 16).ptr == path.data() + i + 3)
      i += 2;
    if (byte >= 0x20 && byte != 0x7f && byte != '/' && byte != '\\') name += static_cast<char>(byte);
  }
  return name == "." || name == ".." ? std::string() : name;
}

}  // namespace caprock::net
