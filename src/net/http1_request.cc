#include "net/http1_request.h"

#include <array>
#include <charconv>

namespace caprock::net {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

void append_request_head(std::string& out, const HttpRequest& request) {
  out += request.method;
  out += ' ';
  out += request.url.target;
  out += " HTTP/1.1\r\n";
  append_field(out, "Host", request.url.authority());
  if (header_value(request.headers, "user-agent").empty()) append_field(out, "User-Agent", "caprock");
  for (const auto& [name, value] : request.headers) append_field(out, name, value);
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  if (!bodiless || !request.body.empty()) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), request.body.size()).ptr;
    append_field(out, "Content-Length", {digits.data(), end});
  }
  out += "\r\n";
}

}  // namespace caprock::net
