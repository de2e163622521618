#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caprock::base {

/// Typed members of an object at `path`, for shapes that grow: what nobody asks for is not looked at.
/// (Fields, beside it, reads strictly.) An absent member and null are the same. Errors: kInvalidArgument with
/// the member's path.
class Members {
 public:
  /// Both must outlive it.
  Members(const boost::json::object& object, std::string path) : object_(object), path_(std::move(path)) {}

  const boost::json::value* find(std::string_view name) const;
  std::string path(std::string_view name) const;
  Result<std::string> text(std::string_view name) const;  ///< empty when absent
  Result<std::string> required_text(std::string_view name) const;
  Result<std::optional<std::int64_t>> integer(std::string_view name) const;
  Result<std::optional<double>> number(std::string_view name, double min, double max) const;
  Result<std::optional<bool>> flag(std::string_view name) const;
  Result<const boost::json::object*> object(std::string_view name) const;  ///< null when absent
  Result<const boost::json::array*> array(std::string_view name) const;    ///< null when absent

 private:
  Error must_be(std::string_view name, std::string_view what) const;
  const boost::json::object& object_;
  const std::string path_;
};

}  // namespace caprock::base
