#include "base/json/json_string.h"

#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace caprock::base {
namespace {

void append_escape(std::string& out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4U];
      out += kHex[c & 0xFU];
  }
}

/// Whether one of eight bytes needs an escape: a control character, a quote or a backslash.
bool any_needs_escape(std::uint64_t eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const auto zero_in = [](std::uint64_t x) { return (x - kOnes) & ~x & (kOnes << 7U); };
  const std::uint64_t control = (eight - kOnes * 0x20) & ~eight & (kOnes << 7U);
  return (control | zero_in(eight ^ (kOnes * '"')) | zero_in(eight ^ (kOnes * '\\'))) != 0;
}

/// The first byte from `at` on that needs an escape, or the size.
std::size_t next_escape(std::string_view text, std::size_t at) {
  std::uint64_t eight = 0;
  while (at < text.size()) {
    if (at + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if (!any_needs_escape(eight)) {
        at += sizeof eight;
        continue;
      }
    }
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c == '"' || c == '\\') return at;
    ++at;
  }
  return text.size();
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (!is_valid_utf8(text)) return append_json_string(out, repair_utf8(text));
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t escape = next_escape(text, at);
    out.append(text, at, escape - at);
    if (escape == text.size()) break;
    append_escape(out, static_cast<unsigned char>(text[escape]));
    at = escape + 1;
  }
  out += '"';
}

}  // namespace caprock::base
