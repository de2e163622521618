#include "server/surfaces/rest/attachment.h"

#include <fmt/format.h>

#include <algorithm>

namespace caprock::server::rest {

namespace {

bool is_token(char c) {
  constexpr std::string_view kMarks = "!#$&+-.^_`|~";  // attr-char of RFC 8187
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.contains(c);
}

bool is_media_type(std::string_view type) {
  const auto slash = type.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < type.size() &&
         std::ranges::all_of(type, [](char c) { return is_token(c) || c == '/'; }) &&
         std::ranges::count(type, '/') == 1;
}

std::string_view last_segment(std::string_view source) {
  source = source.substr(0, source.find_first_of("?#"));
  return source.substr(source.find_last_of("/\\") + 1);
}

}  // namespace

std::string content_disposition(std::string_view file_name) {
  std::string plain;
  std::string encoded;
  for (const char c : file_name) {
    const auto byte = static_cast<unsigned char>(c);
    plain += byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\' && c != '%' ? c : '_';
    encoded += is_token(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned>(byte));
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain, encoded);
}

Headers attachment_headers(const stores::Document& document) {
  const auto type = document.content_type.substr(0, document.content_type.find(';'));
  auto name = last_segment(document.source);
  if (name.empty()) name = "document";
  return {{"content-type", is_media_type(type) ? type : "application/octet-stream"},
          {"content-disposition", content_disposition(name)},
          {"content-security-policy", "sandbox; default-src 'none'"},
          {"cache-control", "private, no-store"}};
}

}  // namespace caprock::server::rest
