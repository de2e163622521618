#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caprock::server::openai {

/// Typed members of an object at `path`. An absent member and null are the same. Errors: kInvalidArgument
/// with the member's path.
class Members {
 public:
  /// Both must outlive it.
  Members(const boost::json::object& object, std::string path) : object_(object), path_(std::move(path)) {}

  const boost::json::value* find(std::string_view name) const;
  std::string path(std::string_view name) const;
  base::Result<std::string> text(std::string_view name) const;  ///< empty when absent
  base::Result<std::string> required_text(std::string_view name) const;
  base::Result<std::optional<std::int64_t>> integer(std::string_view name) const;
  base::Result<std::optional<double>> number(std::string_view name, double min, double max) const;
  base::Result<std::optional<bool>> flag(std::string_view name) const;
  base::Result<const boost::json::object*> object(std::string_view name) const;  ///< null when absent
  base::Result<const boost::json::array*> array(std::string_view name) const;    ///< null when absent

 private:
  base::Error must_be(std::string_view name, std::string_view what) const;
  const boost::json::object& object_;
  const std::string path_;
};

}  // namespace caprock::server::openai
