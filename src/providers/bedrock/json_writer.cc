#include "providers/bedrock/json_writer.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/base64.h"
#include "base/utf8.h"

namespace caprock::providers::bedrock {
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

template <class Number>
void append_digits(std::string& out, Number value) {
  std::array<char, 32> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

}  // namespace

JsonWriter& JsonWriter::text(std::string_view value) {
  if (!base::is_valid_utf8(value)) return text(base::repair_utf8(value));
  separate();
  out_ += '"';
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t escape = next_escape(value, at);
    out_.append(value, at, escape - at);
    if (escape == value.size()) break;
    append_escape(out_, static_cast<unsigned char>(value[escape]));
    at = escape + 1;
  }
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  separate();
  append_digits(out_, value);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  separate();
  append_digits(out_, value);
  return *this;
}

JsonWriter& JsonWriter::blob(std::string_view bytes) {
  separate();
  out_ += '"';
  out_ += base::base64_encode(bytes);
  out_ += '"';
  return *this;
}

}  // namespace caprock::providers::bedrock
