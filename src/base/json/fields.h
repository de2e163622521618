#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"

namespace caprock::base {

/// What a text field may hold. Lengths count Unicode code points.
struct TextRule {
  std::string help;
  bool required = false;
  std::size_t max = 1000;
  bool blank = true;                      ///< false: must hold more than white space
  std::vector<std::string> choices = {};  ///< when not empty, the only texts allowed
};

struct IntegerRule {
  std::string help;
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int32_t>::max();
  bool required = false;
};

/// One field of a JSON object: its schema (JSON Schema 2020-12) and how it is read are declared together, so
/// that the contract is true to the reader.
struct Field {
  using Reader =
      std::function<Result<void>(void* target, const boost::json::value& value, const std::string& path)>;
  std::string name;
  bool required = false;
  boost::json::object schema;
  Reader read;
};

/// The fields of an object, without its type. Errors are kInvalidArgument with the JSON path of the field.
class FieldTable {
 public:
  /// Unknown fields are errors that name the allowed ones.
  Result<void> read(void* target, const boost::json::value& value, const std::string& path = "") const;
  /// The same from the decoded `name=value` pairs of a query string: each at most once.
  Result<void> read_query(void* target, const std::vector<std::pair<std::string, std::string>>& pairs) const;
  boost::json::object schema() const;
  const std::vector<Field>& fields() const { return fields_; }

 protected:
  std::vector<Field> fields_;

 private:
  const Field* find(std::string_view name) const;
  Error unknown(const std::string& path, std::string_view name) const;
};

Result<std::string> read_text(const boost::json::value& value, const std::string& path, const TextRule& rule);
Result<std::int64_t> read_integer(const boost::json::value& value, const std::string& path,
                                  const IntegerRule& rule);
Result<bool> read_flag(const boost::json::value& value, const std::string& path);
boost::json::object text_schema(const TextRule& rule);
boost::json::object integer_schema(const IntegerRule& rule);
boost::json::object flag_schema(const std::string& help);
/// "a string", "an object", …: for messages.
std::string_view json_type_name(const boost::json::value& value);
/// `path.name`, or `name` at the top.
std::string field_path(const std::string& path, std::string_view name);
/// True for text of nothing but white space (the set is that of `\s` in Python and ECMAScript together).
bool is_blank(std::string_view text);

/// How a T is read from a JSON object. Members keep T's own defaults when their field is absent; the default
/// is shown in the schema.
template <class T>
class Fields : public FieldTable {
 public:
  template <class Member>
  Fields& text(std::string name, Member T::* member, TextRule rule) {
    auto schema = text_schema(rule);
    if constexpr (std::is_same_v<Member, std::string>) {
      if (!rule.required && !(T{}.*member).empty()) schema["default"] = T{}.*member;
    }
    return add<Member>(std::move(name), rule.required, std::move(schema), member,
                       [rule](const auto& v, const auto& path) { return read_text(v, path, rule); });
  }
  template <class Member>
  Fields& integer(std::string name, Member T::* member, IntegerRule rule) {
    auto schema = integer_schema(rule);
    if constexpr (std::is_integral_v<Member>) {
      if (!rule.required) schema["default"] = static_cast<std::int64_t>(T{}.*member);
    }
    return add<Member>(std::move(name), rule.required, std::move(schema), member,
                       [rule](const auto& v, const auto& path) { return read_integer(v, path, rule); });
  }
  Fields& flag(std::string name, bool T::* member, const std::string& help) {
    auto schema = flag_schema(help);
    schema["default"] = T{}.*member;
    return add<bool>(std::move(name), false, std::move(schema), member, read_flag);
  }
  /// A field with a reader of its own: `read(value, path)` → Result<Member>.
  template <class Member, class Read>
  Fields& custom(std::string name, Member T::* member, boost::json::object schema, Read read,
                 bool required = false) {
    return add<Member>(std::move(name), required, std::move(schema), member, std::move(read));
  }

  Result<T> parse(const boost::json::value& value, const std::string& path = "") const {
    T target{};
    CAPROCK_CHECK(read(&target, value, path));
    return target;
  }
  Result<T> parse_query(const std::vector<std::pair<std::string, std::string>>& pairs) const {
    T target{};
    CAPROCK_CHECK(read_query(&target, pairs));
    return target;
  }

 private:
  template <class Member, class Read>
  Fields& add(std::string name, bool required, boost::json::object schema, Member T::* member, Read read) {
    auto set = [member, read = std::move(read)](void* target, const boost::json::value& value,
                                                const std::string& path) -> Result<void> {
      CAPROCK_TRY(auto got, read(value, path));
      if constexpr (std::is_integral_v<Member>) {
        static_cast<T*>(target)->*member = static_cast<Member>(got);
      } else {
        static_cast<T*>(target)->*member = std::move(got);
      }
      return {};
    };
    fields_.push_back({std::move(name), required, std::move(schema), std::move(set)});
    return *this;
  }
};

}  // namespace caprock::base
