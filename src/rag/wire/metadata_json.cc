#include "rag/wire/metadata_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "base/json/fields.h"

namespace caprock::rag {

namespace json = boost::json;
using base::failure;
using base::field_path;
using base::invalid_argument;

namespace {

base::Result<stores::MetadataValue> read_value(const json::value& value, const std::string& path) {
  if (!value.is_array()) {
    CAPROCK_TRY(auto scalar, read_scalar(value, path));
    return std::visit([](auto&& held) -> stores::MetadataValue { return std::forward<decltype(held)>(held); },
                      std::move(scalar));
  }
  const auto& items = value.get_array();
  if (items.size() > kMaxMetadataItems) {
    return failure(invalid_argument(path, fmt::format("{} has {} items; at most {} are allowed.", path,
                                                      items.size(), kMaxMetadataItems)));
  }
  std::vector<stores::MetadataScalar> list;
  for (std::size_t i = 0; i < items.size(); ++i) {
    CAPROCK_TRY(auto scalar, read_scalar(items[i], fmt::format("{}[{}]", path, i)));
    list.push_back(std::move(scalar));
  }
  return list;
}

json::value scalar_json(const stores::MetadataScalar& scalar) {
  return std::visit([](const auto& held) { return json::value(held); }, scalar);
}

}  // namespace

base::Result<stores::MetadataScalar> read_scalar(const json::value& value, const std::string& path) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_number()) {
    // The parser makes 1e999 infinite, and 0e999 no number at all.
    const auto number = value.to_number<double>();
    if (std::isfinite(number)) return number;
    return failure(invalid_argument(path, fmt::format("{} must be a number within ±1.8e308.", path)));
  }
  if (value.is_string()) {
    CAPROCK_TRY(auto text, base::read_text(value, path, {.help = "", .max = kMaxMetadataText}));
    return text;
  }
  return failure(invalid_argument(
      path, fmt::format("{} must be a string, a number or a boolean, not {}: metadata is one level deep.",
                        path, base::json_type_name(value))));
}

base::Result<stores::Metadata> read_metadata(const json::value& value, const std::string& path) {
  if (!value.is_object()) {
    return failure(invalid_argument(
        path, fmt::format("{} must be an object, not {}.", path, base::json_type_name(value))));
  }
  const auto& object = value.get_object();
  if (object.size() > kMaxMetadataKeys) {
    return failure(invalid_argument(path, fmt::format("{} has {} entries; at most {} are allowed.", path,
                                                      object.size(), kMaxMetadataKeys)));
  }
  stores::Metadata metadata;
  for (const auto& item : object) {
    const json::value name(item.key());
    CAPROCK_TRY(auto key, base::read_text(name, path, {.help = "", .max = kMaxMetadataName, .blank = false}));
    CAPROCK_TRY(auto held, read_value(item.value(), field_path(path, key)));
    metadata.emplace(std::move(key), std::move(held));
  }
  return metadata;
}

json::object scalar_schema() {
  return {
      {"anyOf",
       {{{"type", "string"}, {"maxLength", kMaxMetadataText}}, {{"type", "number"}}, {{"type", "boolean"}}}}};
}

json::object metadata_schema() {
  return {{"type", "object"},
          {"description", "One level of strings, numbers, booleans, and lists of them."},
          {"maxProperties", kMaxMetadataKeys},
          {"propertyNames", base::text_schema({.help = "", .max = kMaxMetadataName, .blank = false})},
          {"additionalProperties",
           {{"anyOf",
             {{{"type", "string"}, {"maxLength", kMaxMetadataText}},
              {{"type", "number"}},
              {{"type", "boolean"}},
              {{"type", "array"}, {"maxItems", kMaxMetadataItems}, {"items", scalar_schema()}}}}}}};
}

json::object metadata_json(const stores::Metadata& metadata) {
  json::object object;
  for (const auto& [name, value] : metadata) {
    if (const auto* list = std::get_if<std::vector<stores::MetadataScalar>>(&value)) {
      json::array items;
      for (const auto& item : *list) items.push_back(scalar_json(item));
      object[name] = std::move(items);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      object[name] = *flag;
    } else if (const auto* number = std::get_if<double>(&value)) {
      object[name] = *number;
    } else {
      object[name] = std::get<std::string>(value);
    }
  }
  return object;
}

}  // namespace caprock::rag
