#include "app/config/setting_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

namespace caprock::app {
namespace {

using base::Bytes;
using base::Secret;
using base::Setting;
using std::chrono::milliseconds;
using Strings = std::vector<std::string>;
using Secrets = std::vector<Secret>;

template <class T>
using Read = std::expected<T, std::string>;

/// The message for a value of the wrong form; `is` says what was there, empty for secrets.
std::string must_be(const Setting& setting, const std::string& is) {
  return is.empty() ? fmt::format("must be {}", describe_allowed(setting))
                    : fmt::format("is {}; must be {}", is, describe_allowed(setting));
}

std::string shown(const RawValue& value) {
  return std::visit(
      []<class T>(const T& v) -> std::string {
        if constexpr (std::is_same_v<T, std::string>)
          return toml_quote(v);
        else if constexpr (std::is_same_v<T, Strings>)
          return "a list";
        else
          return fmt::format("{}", v);
      },
      value);
}

// One reader a type of target, from a typed value. An empty string as error means "wrong form".

Read<bool> read(const RawValue& value, std::type_identity<bool>) {
  if (const auto* b = std::get_if<bool>(&value)) return *b;
  return std::unexpected("");
}

Read<std::int64_t> read(const RawValue& value, std::type_identity<std::int64_t>) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return *i;
  return std::unexpected("");
}

Read<double> read(const RawValue& value, std::type_identity<double>) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&value); d != nullptr && std::isfinite(*d)) return *d;
  return std::unexpected("");
}

Read<std::string> read(const RawValue& value, std::type_identity<std::string>) {
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  return std::unexpected("");
}

Read<Strings> read(const RawValue& value, std::type_identity<Strings>) {
  if (const auto* list = std::get_if<Strings>(&value)) return *list;
  return std::unexpected("");
}

/// A quantity is text with a unit, or a plain number.
template <class T, class Parse>
Read<T> read_quantity(const RawValue& value, Parse parse) {
  if (const auto* s = std::get_if<std::string>(&value)) return parse(*s);
  if (const auto* i = std::get_if<std::int64_t>(&value)) return parse(fmt::format("{}", *i));
  if (const auto* d = std::get_if<double>(&value)) return parse(fmt::format("{}", *d));
  return std::unexpected("");
}

Read<Bytes> read(const RawValue& value, std::type_identity<Bytes>) {
  return read_quantity<Bytes>(value, parse_bytes);
}

Read<milliseconds> read(const RawValue& value, std::type_identity<milliseconds>) {
  return read_quantity<milliseconds>(value, parse_duration);
}

Read<Secret> read(const RawValue& value, std::type_identity<Secret>) {
  if (const auto* s = std::get_if<std::string>(&value)) return Secret(*s);
  return std::unexpected("");
}

Read<Secrets> read(const RawValue& value, std::type_identity<Secrets>) {
  const auto* list = std::get_if<Strings>(&value);
  if (list == nullptr) return std::unexpected("");
  Secrets secrets;
  for (const std::string& item : *list) secrets.emplace_back(item);
  return secrets;
}

// Bounds are in the unit of the type; what has no magnitude is always within them.
double magnitude(std::int64_t v) { return static_cast<double>(v); }
double magnitude(double v) { return v; }
double magnitude(Bytes v) { return static_cast<double>(v.count); }
double magnitude(milliseconds v) { return static_cast<double>(v.count()); }

template <class T>
bool within(const Setting& setting, const T& value) {
  if constexpr (requires { magnitude(value); } && !std::is_same_v<T, bool>)
    return magnitude(value) >= setting.min && magnitude(value) <= setting.max;
  else
    return true;
}

bool chosen(const Setting& setting, const std::string& value) {
  return setting.choices.empty() || std::ranges::find(setting.choices, value) != setting.choices.end();
}

template <class T>
bool among_choices(const Setting& setting, const T& value) {
  if constexpr (std::is_same_v<T, std::string>)
    return chosen(setting, value);
  else if constexpr (std::is_same_v<T, Strings>)
    return std::ranges::all_of(value, [&](const std::string& item) { return chosen(setting, item); });
  else
    return true;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

Strings split_commas(std::string_view text) {
  Strings items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (std::string item = trimmed(text.substr(0, comma)); !item.empty()) items.push_back(std::move(item));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

/// Text → the typed value that a file would have held; text that fits no type stays text and is refused
/// later.
RawValue raw_from_text(const Setting& setting, std::string_view text) {
  std::string clean = trimmed(text);
  if (std::holds_alternative<Strings*>(setting.target) || std::holds_alternative<Secrets*>(setting.target))
    return split_commas(text);
  if (std::holds_alternative<bool*>(setting.target)) {
    if (clean == "true" || clean == "1" || clean == "yes" || clean == "on") return true;
    if (clean == "false" || clean == "0" || clean == "no" || clean == "off") return false;
  }
  const char* end = clean.data() + clean.size();
  if (std::int64_t i = 0; std::holds_alternative<std::int64_t*>(setting.target))
    if (const auto got = std::from_chars(clean.data(), end, i); got.ec == std::errc{} && got.ptr == end)
      return i;
  if (double d = 0; std::holds_alternative<double*>(setting.target))
    if (const auto got = std::from_chars(clean.data(), end, d); got.ec == std::errc{} && got.ptr == end)
      return d;
  return clean;
}

std::string bound(const Setting& setting, double value) {
  if (std::holds_alternative<milliseconds*>(setting.target))
    return format_duration(milliseconds(static_cast<std::int64_t>(value)));
  if (std::holds_alternative<Bytes*>(setting.target))
    return format_bytes({static_cast<std::uint64_t>(value)});
  return fmt::format("{}", value);
}

std::string bounds(const Setting& setting) {
  const bool low = std::isfinite(setting.min);
  const bool high = std::isfinite(setting.max);
  if (low && high)
    return fmt::format(" from {} to {}", bound(setting, setting.min), bound(setting, setting.max));
  if (low) return fmt::format(", at least {}", bound(setting, setting.min));
  if (high) return fmt::format(", at most {}", bound(setting, setting.max));
  return {};
}

std::string choices(const Setting& setting) {
  Strings quoted;
  for (const std::string& choice : setting.choices) quoted.push_back(toml_quote(choice));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

struct AllowedForm {
  const Setting& setting;
  std::string operator()(bool*) const { return "true or false"; }
  std::string operator()(std::int64_t*) const { return "a whole number" + bounds(setting); }
  std::string operator()(double*) const { return "a number" + bounds(setting); }
  std::string operator()(std::string*) const {
    return setting.choices.empty() ? "a text" : "one of " + choices(setting);
  }
  std::string operator()(Strings*) const {
    return setting.choices.empty() ? "a list of texts" : "a list of texts out of " + choices(setting);
  }
  std::string operator()(Bytes*) const {
    return "a size such as 1048576, \"64 KiB\" or \"100 MB\"" + bounds(setting);
  }
  std::string operator()(milliseconds*) const {
    return "a duration such as \"500ms\", \"10s\", \"5m\", \"24h\" or a number of seconds" + bounds(setting);
  }
  std::string operator()(Secret*) const { return "a text"; }
  std::string operator()(Secrets*) const { return "a list of texts"; }
};

struct TomlForm {
  std::string operator()(const bool* v) const { return *v ? "true" : "false"; }
  std::string operator()(const std::int64_t* v) const { return fmt::format("{}", *v); }
  std::string operator()(const double* v) const {
    const std::string text = fmt::format("{}", *v);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  std::string operator()(const std::string* v) const { return toml_quote(*v); }
  std::string operator()(const Strings* v) const {
    Strings quoted;
    for (const std::string& item : *v) quoted.push_back(toml_quote(item));
    return fmt::format("[{}]", fmt::join(quoted, ", "));
  }
  std::string operator()(const Bytes* v) const { return toml_quote(format_bytes(*v)); }
  std::string operator()(const milliseconds* v) const { return toml_quote(format_duration(*v)); }
  std::string operator()(const Secret* v) const { return v->empty() ? "\"\"" : "\"***\""; }
  std::string operator()(const Secrets* v) const {
    return fmt::format("[{}]", fmt::join(Strings(v->size(), "\"***\""), ", "));
  }
};

}  // namespace

Assigned assign_value(const Setting& setting, const RawValue& value) {
  return std::visit(
      [&]<class T>(T* target) -> Assigned {
        Read<T> got = read(value, std::type_identity<T>{});
        if (!got || !within(setting, *got) || !among_choices(setting, *got))
          return std::unexpected(must_be(setting, is_secret(setting) ? std::string() : shown(value)));
        *target = std::move(*got);
        return {};
      },
      setting.target);
}

Assigned assign_text(const Setting& setting, std::string_view text) {
  return assign_value(setting, raw_from_text(setting, text));
}

std::string describe_allowed(const Setting& setting) {
  return std::visit(AllowedForm{setting}, setting.target);
}

std::string toml_value(const Setting& setting) { return std::visit(TomlForm{}, setting.target); }

bool is_secret(const Setting& setting) {
  return std::holds_alternative<Secret*>(setting.target) || std::holds_alternative<Secrets*>(setting.target);
}

std::string toml_quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\u{:04X}", byte);
    else
      out += c;
  }
  return out + '"';
}

}  // namespace caprock::app
