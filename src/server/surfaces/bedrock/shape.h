#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::server::bedrock {

/// A structure of AWS's service model, read strictly: an unknown member is an error, for one that was left
/// out would be a wish that nobody heard. An absent member and null are the same. Errors: kInvalidArgument
/// with the path of the member ("messages[0].content[1].image.format"). Views the JSON, which must outlive
/// it.
class Shape {
 public:
  /// `members`: all that it may have.
  static base::Result<Shape> of(const boost::json::value& value, std::string path,
                                std::initializer_list<std::string_view> members);

  const boost::json::value* find(std::string_view name) const;
  std::string path(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  base::Result<std::string> text(std::string_view name) const;           ///< empty when absent
  base::Result<std::string> required_text(std::string_view name) const;  ///< and not empty
  /// One of `choices`; empty when absent.
  base::Result<std::string> choice(std::string_view name,
                                   std::initializer_list<std::string_view> choices) const;
  base::Result<std::optional<std::int64_t>> integer(std::string_view name, std::int64_t min) const;
  base::Result<std::optional<double>> number(std::string_view name, double min) const;
  base::Result<std::optional<bool>> flag(std::string_view name) const;
  base::Result<const boost::json::array*> array(std::string_view name) const;  ///< null when absent
  base::Result<std::vector<std::string>> texts(std::string_view name) const;
  /// The structure of a member; nothing when absent.
  base::Result<std::optional<Shape>> shape(std::string_view name,
                                           std::initializer_list<std::string_view> members) const;
  base::Result<Shape> required_shape(std::string_view name,
                                     std::initializer_list<std::string_view> members) const;
  /// Of a union: the name of its one member.
  base::Result<std::string_view> sole() const;

  base::Error must_be(std::string_view name, std::string_view what) const;

 private:
  Shape(const boost::json::object& object, std::string path) : object_(&object), path_(std::move(path)) {}
  const boost::json::object* object_;
  std::string path_;
};

std::string item_path(const std::string& list, std::size_t index);

}  // namespace caprock::server::bedrock
