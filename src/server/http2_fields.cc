#include "server/http2_fields.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace caprock::server {
namespace {

bool is_left_out(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNotTheirs{
      "content-length", "transfer-encoding", "connection", "date",
      "keep-alive",     "proxy-connection",  "upgrade",    "te"};
  return name.empty() || name.starts_with(':') || std::ranges::find(kNotTheirs, name) != kNotTheirs.end();
}

// Values of their own in each answer would only push others out of the compression's table.
bool is_new_each_time(std::string_view name) {
  return name == "content-length" || name == "x-request-id" || name == "etag";
}

void clean(std::string& value) {
  std::ranges::replace_if(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  const auto end = value.find_last_not_of(" \t");
  value.erase(end == std::string::npos ? 0 : end + 1);
  value.erase(0, std::min(value.find_first_not_of(" \t"), value.size()));
}

std::uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 copies
}

}  // namespace

Http2Fields::Http2Fields(int status, const Headers& headers, std::optional<std::uint64_t> content_length,
                         std::string_view date)
    : own_(headers.items()), status_(std::to_string(status)), date_(date) {
  list_.reserve(own_.size() + 3);
  add(":status", status_);
  add("date", date_);
  for (auto& [name, value] : own_) {
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (is_left_out(name)) continue;
    clean(value);
    add(name, value);
  }
  if (!content_length) return;
  length_ = std::to_string(*content_length);
  add("content-length", length_);
}

Http2Fields::Http2Fields(int status) : status_(std::to_string(status)) { add(":status", status_); }

void Http2Fields::add(std::string_view name, std::string_view value) {
  list_.push_back({.name = bytes(name),
                   .value = bytes(value),
                   .namelen = name.size(),
                   .valuelen = value.size(),
                   .flags = is_new_each_time(name) ? std::uint8_t{NGHTTP2_NV_FLAG_NO_INDEX}
                                                   : std::uint8_t{NGHTTP2_NV_FLAG_NONE}});
}

}  // namespace caprock::server
