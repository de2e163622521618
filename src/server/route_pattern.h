#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::server {

/// A route's pattern, taken apart: "/documents/{id}/text". {name} takes one segment that is not empty, a
/// final {name+} one or more, slashes included.
struct RoutePattern {
  enum class Kind { kLiteral, kParam, kRest };
  struct Segment {
    Kind kind;
    std::string text;  ///< the literal, or the parameter's name
  };
  std::vector<Segment> segments;

  std::vector<std::string> param_names() const;
};

/// Error: kInternal whose detail says what is wrong with the pattern.
base::Result<RoutePattern> parse_pattern(std::string_view pattern);

/// Raw path segments of `path`, which begins with '/'.
std::vector<std::string_view> split_path(std::string_view path);

/// How the sets of paths that two patterns take relate.
enum class Overlap { kNone, kSame, kFirstIsNarrower, kSecondIsNarrower, kAmbiguous };
Overlap compare(const RoutePattern& a, const RoutePattern& b);

}  // namespace caprock::server
