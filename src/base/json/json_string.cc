#include "base/json/json_string.h"

#include <bit>
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

// Sixteen bytes at a look, in the compiler's words for any processor.
using Sixteen = unsigned char __attribute__((vector_size(16)));
using TwoWords = std::uint64_t __attribute__((vector_size(16)));

/// Whether one of sixteen bytes needs an escape: a control character, a quote or a backslash.
bool any_needs_escape(Sixteen bytes) {
  const auto found = std::bit_cast<TwoWords>((bytes < 0x20) | (bytes == '"') | (bytes == '\\'));
  return (found[0] | found[1]) != 0;
}

/// The first byte from `at` on that needs an escape, or the size.
std::size_t next_escape(std::string_view text, std::size_t at) {
  Sixteen bytes;
  while (at < text.size()) {
    if (at + sizeof bytes <= text.size()) {
      std::memcpy(&bytes, text.data() + at, sizeof bytes);
      if (!any_needs_escape(bytes)) {
        at += sizeof bytes;
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
