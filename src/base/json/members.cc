#include "base/json/members.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace caprock::base {

namespace json = boost::json;

const json::value* Members::find(std::string_view name) const {
  const json::value* value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string Members::path(std::string_view name) const {
  return path_.empty() ? std::string(name) : (path_ + '.').append(name);
}

Error Members::must_be(std::string_view name, std::string_view what) const {
  return invalid_argument(path(name), fmt::format("'{}' must be {}.", path(name), what));
}

Result<std::string> Members::text(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return failure(must_be(name, "a string"));
  return std::string(value->get_string());
}

Result<std::string> Members::required_text(std::string_view name) const {
  CAPROCK_TRY(auto found, text(name));
  if (found.empty()) return failure(must_be(name, "a string that is not empty"));
  return found;
}

Result<std::optional<std::int64_t>> Members::integer(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64()) return failure(must_be(name, "an integer"));
  return value->get_int64();
}

Result<std::optional<double>> Members::number(std::string_view name, double min, double max) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) return failure(must_be(name, "a number"));
  const auto number = value->to_number<double>();
  if (!(number >= min && number <= max))
    return failure(must_be(name, fmt::format("between {} and {}", min, max)));
  return number;
}

Result<std::optional<bool>> Members::flag(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) return failure(must_be(name, "true or false"));
  return value->get_bool();
}

Result<const json::object*> Members::object(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) return failure(must_be(name, "an object"));
  return &value->get_object();
}

Result<const json::array*> Members::array(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) return failure(must_be(name, "an array"));
  return &value->get_array();
}

}  // namespace caprock::base
