#include "base/json/fields.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

#include "base/utf8.h"

namespace caprock::base {

namespace json = boost::json;

namespace {

// White space of Python's str.isspace() and of ECMAScript's \s but for U+FEFF, spelt out so that the contract
// means the same in every dialect of regular expressions.
constexpr std::string_view kNotBlankPattern =
    "[^\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-"
    "\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

std::string quoted_list(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "\"" : ", \"") + item + "\"";
  return text;
}

// A query parameter as the JSON value that its schema asks for; left a string where it is not one, so that
// the field's own reader says what is wrong.
json::value typed(const std::string& text, const json::object& schema) {
  const auto* type = schema.if_contains("type");
  if (type == nullptr || !type->is_string()) return json::value(text);
  if (*type == "boolean" && (text == "true" || text == "false")) return text == "true";
  if (*type == "integer") {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return number;
  }
  return json::value(text);
}

Error out_of_range(const std::string& path, const IntegerRule& rule, const std::string& got) {
  return invalid_argument(
      path, fmt::format("{} must be between {} and {}, not {}.", path, rule.min, rule.max, got));
}

}  // namespace

bool is_blank(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_space(next_code_point(text, at))) return false;
  }
  return true;
}

std::string field_path(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

std::string_view json_type_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "something else";
}

const Field* FieldTable::find(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &Field::name);
  return found == fields_.end() ? nullptr : &*found;
}

Error FieldTable::unknown(const std::string& path, std::string_view name) const {
  std::vector<std::string> names;
  names.reserve(fields_.size());
  for (const auto& field : fields_) names.push_back(field.name);
  const std::string shown = repair_utf8(name.substr(0, 100));
  auto allowed = names.empty() ? std::string("none is allowed here") : "allowed are " + quoted_list(names);
  return invalid_argument(field_path(path, shown), fmt::format("Unknown field \"{}\"; {}.", shown, allowed));
}

Result<void> FieldTable::read(void* target, const json::value& value, const std::string& path) const {
  if (!value.is_object()) {
    const auto what = path.empty() ? std::string("The body") : path;
    return failure(
        invalid_argument(path, fmt::format("{} must be an object, not {}.", what, json_type_name(value))));
  }
  for (const auto& item : value.get_object()) {
    const Field* field = find(item.key());
    if (field == nullptr) return failure(unknown(path, item.key()));
    CAPROCK_CHECK(field->read(target, item.value(), field_path(path, field->name)));
  }
  for (const auto& field : fields_) {
    if (field.required && !value.get_object().contains(field.name)) {
      const auto at = field_path(path, field.name);
      return failure(invalid_argument(at, fmt::format("{} is required.", at)));
    }
  }
  return {};
}

Result<void> FieldTable::read_query(void* target,
                                    const std::vector<std::pair<std::string, std::string>>& pairs) const {
  std::set<std::string_view> seen;
  for (const auto& [name, text] : pairs) {
    const Field* field = find(name);
    if (field == nullptr) return failure(unknown("", name));
    if (!seen.insert(name).second) {
      return failure(invalid_argument(name, fmt::format("{} may be given once only.", name)));
    }
    CAPROCK_CHECK(field->read(target, typed(text, field->schema), name));
  }
  for (const auto& field : fields_) {
    if (field.required && !seen.contains(field.name)) {
      return failure(invalid_argument(field.name, fmt::format("{} is required.", field.name)));
    }
  }
  return {};
}

json::object FieldTable::schema() const {
  json::object properties;
  json::array required;
  for (const auto& field : fields_) {
    properties[field.name] = field.schema;
    if (field.required) required.emplace_back(field.name);
  }
  json::object schema{
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Result<std::string> read_text(const json::value& value, const std::string& path, const TextRule& rule) {
  if (!value.is_string()) {
    return failure(
        invalid_argument(path, fmt::format("{} must be a string, not {}.", path, json_type_name(value))));
  }
  const auto& text = value.get_string();
  if (!is_valid_utf8(text))
    return failure(invalid_argument(path, fmt::format("{} is not valid UTF-8.", path)));
  if (const auto length = count_code_points(text); length > rule.max) {
    return failure(invalid_argument(
        path, fmt::format("{} has {} characters; at most {} are allowed.", path, length, rule.max)));
  }
  if (!rule.blank && is_blank(text)) {
    return failure(invalid_argument(path, fmt::format("{} must not be empty.", path)));
  }
  if (!rule.choices.empty() &&
      std::ranges::find(rule.choices, std::string_view(text)) == rule.choices.end()) {
    return failure(
        invalid_argument(path, fmt::format("{} must be one of {}.", path, quoted_list(rule.choices))));
  }
  return std::string(text);
}

Result<std::int64_t> read_integer(const json::value& value, const std::string& path,
                                  const IntegerRule& rule) {
  if (!value.is_number()) {
    return failure(
        invalid_argument(path, fmt::format("{} must be an integer, not {}.", path, json_type_name(value))));
  }
  if (value.is_uint64()) return failure(out_of_range(path, rule, std::to_string(value.get_uint64())));
  if (value.is_double()) {
    const double number = value.get_double();
    if (number != std::floor(number)) {
      return failure(invalid_argument(path, fmt::format("{} must be an integer, not {}.", path, number)));
    }
    // 5.0 is an integer to JSON Schema; beyond 2^53 it is out of every range we have.
    if (std::abs(number) > 9e15) return failure(out_of_range(path, rule, fmt::format("{}", number)));
    return read_integer(static_cast<std::int64_t>(number), path, rule);
  }
  const auto number = value.get_int64();
  if (number < rule.min || number > rule.max)
    return failure(out_of_range(path, rule, std::to_string(number)));
  return number;
}

Result<bool> read_flag(const json::value& value, const std::string& path) {
  if (value.is_bool()) return value.get_bool();
  return failure(
      invalid_argument(path, fmt::format("{} must be true or false, not {}.", path, json_type_name(value))));
}

json::object text_schema(const TextRule& rule) {
  json::object schema{{"type", "string"}, {"maxLength", rule.max}, {"description", rule.help}};
  if (!rule.blank) {
    schema["minLength"] = 1;
    schema["pattern"] = kNotBlankPattern;
  }
  if (!rule.choices.empty()) schema["enum"] = json::array(rule.choices.begin(), rule.choices.end());
  return schema;
}

json::object integer_schema(const IntegerRule& rule) {
  return {{"type", "integer"}, {"minimum", rule.min}, {"maximum", rule.max}, {"description", rule.help}};
}

json::object flag_schema(const std::string& help) { return {{"type", "boolean"}, {"description", help}}; }

}  // namespace caprock::base
