#include "stores/sqlite/codec.h"

#include <boost/json.hpp>
#include <cstring>

namespace caprock::stores {
namespace {

namespace json = boost::json;
using base::failure;
using base::Result;

json::value to_json(const MetadataScalar& scalar) {
  return std::visit([](const auto& value) { return json::value(value); }, scalar);
}

json::value to_json(const MetadataValue& value) {
  if (const auto* list = std::get_if<std::vector<MetadataScalar>>(&value)) {
    json::array items;
    for (const MetadataScalar& item : *list) items.push_back(to_json(item));
    return items;
  }
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return json::value(std::get<std::string>(value));
}

std::optional<MetadataScalar> scalar_of(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_number()) return value.to_number<double>();
  if (value.is_string()) return std::string(value.get_string());
  return std::nullopt;
}

std::optional<MetadataValue> value_of(const json::value& value) {
  if (!value.is_array()) {
    auto scalar = scalar_of(value);
    if (!scalar) return std::nullopt;
    return std::visit([]<class Held>(Held&& held) { return MetadataValue(std::forward<Held>(held)); },
                      std::move(*scalar));
  }
  std::vector<MetadataScalar> items;
  for (const json::value& item : value.get_array()) {
    auto scalar = scalar_of(item);
    if (!scalar) return std::nullopt;
    items.push_back(std::move(*scalar));
  }
  return items;
}

}  // namespace

std::string encode_metadata(const Metadata& metadata) {
  if (metadata.empty()) return "{}";
  json::object object;
  for (const auto& [key, value] : metadata) object[key] = to_json(value);
  return json::serialize(object);
}

Result<Metadata> decode_metadata(std::string_view text) {
  Metadata metadata;
  if (text == "{}") return metadata;
  boost::system::error_code broken;
  const json::value parsed = json::parse(text, broken);
  const json::object* object = parsed.if_object();
  if (broken || object == nullptr) return failure(base::internal_error("stored metadata is not an object"));
  for (const auto& [key, value] : *object) {
    auto read = value_of(value);
    if (!read) return failure(base::internal_error("stored metadata has a value of no known type"));
    metadata.emplace(std::string(key), std::move(*read));
  }
  return metadata;
}

std::int64_t encode_time(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

base::WallTime decode_time(std::int64_t micros) {
  return base::WallTime(
      std::chrono::duration_cast<base::WallTime::duration>(std::chrono::microseconds(micros)));
}

std::string encode_boxes(const std::vector<LineBox>& boxes) {
  static_assert(sizeof(LineBox) == 7 * 4 && std::is_trivially_copyable_v<LineBox>);
  std::string bytes(boxes.size() * sizeof(LineBox), '\0');
  if (!boxes.empty()) std::memcpy(bytes.data(), boxes.data(), bytes.size());
  return bytes;
}

std::vector<LineBox> decode_boxes(std::span<const std::byte> bytes) {
  std::vector<LineBox> boxes(bytes.size() / sizeof(LineBox));
  if (!boxes.empty()) std::memcpy(boxes.data(), bytes.data(), boxes.size() * sizeof(LineBox));
  return boxes;
}

}  // namespace caprock::stores
