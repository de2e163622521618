#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace caprock::base {

/// Writes JSON from front to back into one string: the bodies of requests are large, and a tree of them
/// would be built only to be written once. Commas are put where they belong; balance is the caller's matter.
class JsonWriter {
 public:
  /// A key that needs no escapes.
  JsonWriter& key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return *this;
  }
  /// A key that somebody else chose and that may need escapes.
  JsonWriter& name(std::string_view name) { return text(name).append(':'); }
  JsonWriter& open_object() { return raw("{"); }
  JsonWriter& open_array() { return raw("["); }
  JsonWriter& close_object() { return append('}'); }
  JsonWriter& close_array() { return append(']'); }
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  /// `json` is one whole JSON value, or the beginning of one.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }
  /// `bytes` in base64.
  JsonWriter& blob(std::string_view bytes);
  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& append(char c) {
    out_ += c;
    return *this;
  }
  /// Every value ends in a quote, a digit, a letter or a closing bracket: what else stands last begins
  /// something.
  void separate() {
    if (out_.empty()) return;
    const char last = out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
  }

  std::string out_;
};

}  // namespace caprock::base
