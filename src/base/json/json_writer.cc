#include "base/json/json_writer.h"

#include <array>
#include <charconv>
#include <cstdint>

#include "base/base64.h"
#include "base/json/json_string.h"

namespace caprock::base {
namespace {

template <class Number>
void append_digits(std::string& out, Number value) {
  std::array<char, 32> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

}  // namespace

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  append_json_string(out_, value);
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
  out_ += base64_encode(bytes);
  out_ += '"';
  return *this;
}

}  // namespace caprock::base
