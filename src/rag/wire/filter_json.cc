#include "rag/wire/filter_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>

#include "base/json/fields.h"
#include "base/utf8.h"
#include "rag/wire/metadata_json.h"

namespace caprock::rag {

namespace json = boost::json;
using base::failure;
using base::field_path;
using base::invalid_argument;
using base::Result;
using stores::Filter;
using Op = Filter::Op;

namespace {

struct Operator {
  std::string_view name;
  Op op;
};
constexpr std::array kOperators{
    Operator{"eq", Op::kEq}, Operator{"ne", Op::kNe},   Operator{"gt", Op::kGt}, Operator{"gte", Op::kGte},
    Operator{"lt", Op::kLt}, Operator{"lte", Op::kLte}, Operator{"in", Op::kIn}, Operator{"nin", Op::kNin}};

bool is_ordering(Op op) { return op == Op::kGt || op == Op::kGte || op == Op::kLt || op == Op::kLte; }
bool is_list(Op op) { return op == Op::kIn || op == Op::kNin; }

// Counts what it has read, so that a filter is bounded as a whole.
class Reader {
 public:
  Result<Filter> group(const json::value& value, const std::string& path, std::size_t depth) {
    CAPROCK_CHECK(check(value, path, depth));
    std::vector<Filter> all;
    for (const auto& item : value.get_object()) {
      CAPROCK_TRY(auto entry, this->entry(item.key(), item.value(), path, depth));
      all.push_back(std::move(entry));
    }
    return joined(std::move(all));
  }

 private:
  static Filter joined(std::vector<Filter> all) {
    if (all.size() == 1) return std::move(all.front());
    return Filter{.op = Op::kAnd, .children = std::move(all)};
  }

  Result<void> count(const std::string& path) {
    if (++conditions_ <= kMaxFilterConditions) return {};
    return failure(
        invalid_argument(path, fmt::format("The filter has more than {} conditions.", kMaxFilterConditions)));
  }

  Result<void> check(const json::value& value, const std::string& path, std::size_t depth) {
    CAPROCK_CHECK(count(path));
    if (depth > kMaxFilterDepth) {
      return failure(invalid_argument(
          path, fmt::format("The filter is nested deeper than {} levels.", kMaxFilterDepth)));
    }
    if (!value.is_object()) {
      return failure(invalid_argument(
          path, fmt::format("{} must be an object, not {}.", path, base::json_type_name(value))));
    }
    if (value.get_object().empty()) {
      return failure(invalid_argument(path, fmt::format("{} must not be empty.", path)));
    }
    return {};
  }

  Result<Filter> entry(std::string_view name, const json::value& value, const std::string& path,
                       std::size_t depth) {
    if (name == "and" || name == "or") {
      return list(name == "and" ? Op::kAnd : Op::kOr, value, field_path(path, name), depth);
    }
    const json::value text(name);
    CAPROCK_TRY(auto field,
                base::read_text(text, path, {.help = "", .max = kMaxMetadataName, .blank = false}));
    return comparisons(field, value, field_path(path, field));
  }

  Result<Filter> list(Op op, const json::value& value, const std::string& path, std::size_t depth) {
    if (!value.is_array() || value.get_array().empty()) {
      return failure(
          invalid_argument(path, fmt::format("{} must be a list of at least one condition.", path)));
    }
    Filter filter{.op = op};
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      CAPROCK_TRY(auto child, group(value.get_array()[i], fmt::format("{}[{}]", path, i), depth + 1));
      filter.children.push_back(std::move(child));
    }
    return filter;
  }

  Result<Filter> comparisons(const std::string& field, const json::value& value, const std::string& path) {
    if (!value.is_object() || value.get_object().empty()) {
      return failure(invalid_argument(
          path, fmt::format("{} must be an object of operators such as {{\"eq\": …}}, not {}.", path,
                            value.is_object() ? "an empty one" : base::json_type_name(value))));
    }
    std::vector<Filter> all;
    for (const auto& item : value.get_object()) {
      CAPROCK_CHECK(count(path));
      CAPROCK_TRY(auto one, comparison(field, item.key(), item.value(), path));
      all.push_back(std::move(one));
    }
    return joined(std::move(all));
  }

  static Result<Filter> comparison(const std::string& field, std::string_view name, const json::value& value,
                                   const std::string& path) {
    const auto found = std::ranges::find(kOperators, name, &Operator::name);
    if (found == kOperators.end()) {
      const auto shown = base::repair_utf8(name.substr(0, 100));
      return failure(invalid_argument(
          field_path(path, shown),
          fmt::format("Unknown filter operator \"{}\"; known are eq, ne, gt, gte, lt, lte, in, nin, and, or.",
                      shown)));
    }
    Filter filter{.op = found->op, .field = field};
    CAPROCK_TRY(filter.values, values(found->op, value, field_path(path, name)));
    return filter;
  }

  static Result<std::vector<stores::MetadataScalar>> values(Op op, const json::value& value,
                                                            const std::string& path) {
    std::vector<stores::MetadataScalar> out;
    if (!is_list(op)) {
      CAPROCK_TRY(auto scalar, read_scalar(value, path));
      if (is_ordering(op) && std::holds_alternative<bool>(scalar)) {
        return failure(invalid_argument(
            path, fmt::format("{} must be a number or a string: booleans have no order.", path)));
      }
      out.push_back(std::move(scalar));
      return out;
    }
    if (!value.is_array() || value.get_array().empty() || value.get_array().size() > kMaxFilterValues) {
      return failure(invalid_argument(
          path, fmt::format("{} must be a list of 1 to {} values.", path, kMaxFilterValues)));
    }
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      CAPROCK_TRY(auto scalar, read_scalar(value.get_array()[i], fmt::format("{}[{}]", path, i)));
      out.push_back(std::move(scalar));
    }
    return out;
  }

  std::size_t conditions_ = 0;
};

json::object group_schema() {
  return {{"type", "array"},
          {"minItems", 1},
          {"maxItems", 32},
          {"items", {{"$ref", "#/components/schemas/Filter"}}}};
}

}  // namespace

Result<Filter> read_filter(const json::value& value, const std::string& path) {
  return Reader{}.group(value, path, 1);
}

json::object filter_schema() {
  return {
      {"type", "object"},
      {"description",
       "Conditions on a document's metadata. Several names must all hold. At most 16 levels and 256 "
       "conditions."},
      {"minProperties", 1},
      {"maxProperties", 32},
      {"propertyNames", base::text_schema({.help = "", .max = kMaxMetadataName, .blank = false})},
      {"properties", {{"and", group_schema()}, {"or", group_schema()}}},
      {"additionalProperties", {{"$ref", "#/components/schemas/FilterCondition"}}},
      {"examples", json::array{{{"and", {{{"year", {{"gte", 2020}}}}, {{"tag", {{"in", {"a", "b"}}}}}}}}}}};
}

json::object filter_condition_schema() {
  const json::object order{
      {"anyOf", {{{"type", "string"}, {"maxLength", kMaxMetadataText}}, {{"type", "number"}}}}};
  const json::object list{
      {"type", "array"}, {"minItems", 1}, {"maxItems", kMaxFilterValues}, {"items", scalar_schema()}};
  return {{"type", "object"},
          {"minProperties", 1},
          {"additionalProperties", false},
          {"properties",
           {{"eq", scalar_schema()},
            {"ne", scalar_schema()},
            {"gt", order},
            {"gte", order},
            {"lt", order},
            {"lte", order},
            {"in", list},
            {"nin", list}}}};
}

}  // namespace caprock::rag
