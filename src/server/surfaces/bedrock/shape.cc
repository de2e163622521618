#include "server/surfaces/bedrock/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

std::string joined(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

}  // namespace

std::string item_path(const std::string& list, std::size_t index) {
  return fmt::format("{}[{}]", list, index);
}

Result<Shape> Shape::of(const json::value& value, std::string path,
                        std::initializer_list<std::string_view> members) {
  if (!value.is_object()) {
    std::string what = path.empty() ? "the body must be a JSON object" : path + " must be an object";
    return failure(base::invalid_argument(std::move(path), std::move(what)));
  }
  Shape shape(value.get_object(), std::move(path));
  for (const auto& member : value.get_object()) {
    if (std::ranges::find(members, std::string_view(member.key())) != members.end()) continue;
    const std::string full = shape.path(member.key());
    return failure(base::invalid_argument(
        full, fmt::format("{} is not known here; known are: {}", full, joined(members))));
  }
  return shape;
}

const json::value* Shape::find(std::string_view name) const {
  const json::value* value = object_->if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string Shape::path(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

base::Error Shape::must_be(std::string_view name, std::string_view what) const {
  return base::invalid_argument(path(name), fmt::format("{} must be {}", path(name), what));
}

Result<std::string> Shape::text(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return failure(must_be(name, "a string"));
  return std::string(value->get_string());
}

Result<std::string> Shape::required_text(std::string_view name) const {
  CAPROCK_TRY(std::string found, text(name));
  if (found.empty()) return failure(must_be(name, "a string that is not empty"));
  return found;
}

Result<std::string> Shape::choice(std::string_view name,
                                  std::initializer_list<std::string_view> choices) const {
  CAPROCK_TRY(std::string found, text(name));
  if (has(name) && std::ranges::find(choices, found) == choices.end())
    return failure(must_be(name, "one of: " + joined(choices)));
  return found;
}

Result<std::optional<std::int64_t>> Shape::integer(std::string_view name, std::int64_t min) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64() || value->get_int64() < min)
    return failure(must_be(name, fmt::format("an integer of at least {}", min)));
  return value->get_int64();
}

Result<std::optional<double>> Shape::number(std::string_view name, double min) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !(value->to_number<double>() >= min))
    return failure(must_be(name, fmt::format("a number of at least {}", min)));
  return value->to_number<double>();
}

Result<std::optional<bool>> Shape::flag(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) return failure(must_be(name, "true or false"));
  return value->get_bool();
}

Result<const json::array*> Shape::array(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) return failure(must_be(name, "a list"));
  return &value->get_array();
}

Result<std::vector<std::string>> Shape::texts(std::string_view name) const {
  std::vector<std::string> out;
  CAPROCK_TRY(const json::array* list, array(name));
  if (list == nullptr) return out;
  for (const json::value& item : *list) {
    if (!item.is_string()) return failure(must_be(name, "a list of strings"));
    out.emplace_back(item.get_string());
  }
  return out;
}

Result<std::optional<Shape>> Shape::shape(std::string_view name,
                                          std::initializer_list<std::string_view> members) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  CAPROCK_TRY(Shape found, of(*value, path(name), members));
  return found;
}

Result<Shape> Shape::required_shape(std::string_view name,
                                    std::initializer_list<std::string_view> members) const {
  CAPROCK_TRY(auto found, shape(name, members));
  if (!found) return failure(must_be(name, "given"));
  return *std::move(found);
}

Result<std::string_view> Shape::sole() const {
  std::string_view name;
  for (const auto& member : *object_) {
    if (member.value().is_null()) continue;
    if (!name.empty())
      return failure(
          base::invalid_argument(path_, fmt::format("{} must have exactly one member, and has {} and {}",
                                                    path_, name, std::string_view(member.key()))));
    name = member.key();
  }
  if (name.empty())
    return failure(base::invalid_argument(path_, path_ + " must have exactly one member, and has none"));
  return name;
}

}  // namespace caprock::server::bedrock
