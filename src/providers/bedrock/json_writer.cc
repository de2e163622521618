#include "providers/bedrock/json_writer.h"

#include <array>
#include <charconv>

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
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto c = static_cast<unsigned char>(value[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out_ += value.substr(plain, i - plain);
    append_escape(out_, c);
    plain = i + 1;
  }
  out_ += value.substr(plain);
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
