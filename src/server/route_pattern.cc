#include "server/route_pattern.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace caprock::server {
namespace {

using Kind = RoutePattern::Kind;
using Segment = RoutePattern::Segment;

base::Error bad(std::string_view pattern, const char* why) {
  return base::internal_error("route pattern '" + std::string(pattern) + "': " + why);
}

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// Which of two segments takes more: 0 the same, -1 the first is narrower, 1 the second, 2 nothing in common.
int compare_segments(const Segment& a, const Segment& b) {
  const bool a_literal = a.kind == Kind::kLiteral;
  const bool b_literal = b.kind == Kind::kLiteral;
  if (a_literal && b_literal) return a.text == b.text ? 0 : 2;
  if (a_literal == b_literal) return 0;
  return a_literal ? -1 : 1;
}

bool ends_in_rest(const RoutePattern& p) {
  return !p.segments.empty() && p.segments.back().kind == Kind::kRest;
}

}  // namespace

std::vector<std::string> RoutePattern::param_names() const {
  std::vector<std::string> names;
  for (const Segment& segment : segments)
    if (segment.kind != Kind::kLiteral) names.push_back(segment.text);
  return names;
}

base::Result<RoutePattern> parse_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) return base::failure(bad(pattern, "must begin with /"));
  RoutePattern result;
  std::set<std::string> names;
  for (const std::string_view part : split_path(pattern)) {
    if (!result.segments.empty() && result.segments.back().kind == Kind::kRest)
      return base::failure(bad(pattern, "{name+} must come last"));
    if (!part.starts_with('{')) {
      if (part.find_first_of("{}?%") != std::string_view::npos)
        return base::failure(bad(pattern, "a parameter takes a whole segment"));
      result.segments.push_back({Kind::kLiteral, std::string(part)});
      continue;
    }
    if (!part.ends_with('}')) return base::failure(bad(pattern, "a brace is not closed"));
    std::string_view name = part.substr(1, part.size() - 2);
    const bool rest = name.ends_with('+');
    if (rest) name.remove_suffix(1);
    if (!is_name(name)) return base::failure(bad(pattern, "a parameter needs a name of letters and digits"));
    if (!names.emplace(name).second) return base::failure(bad(pattern, "two parameters have one name"));
    result.segments.push_back({rest ? Kind::kRest : Kind::kParam, std::string(name)});
  }
  return result;
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::string_view part = path.substr(0, path.find('/'));
    parts.push_back(part);
    path.remove_prefix(part.size());
  }
  return parts;
}

Overlap compare(const RoutePattern& a, const RoutePattern& b) {
  bool a_narrower = false;
  bool b_narrower = false;
  const std::size_t common = std::min(a.segments.size(), b.segments.size());
  for (std::size_t i = 0; i < common; ++i) {
    const int order = compare_segments(a.segments[i], b.segments[i]);
    if (order == 2) return Overlap::kNone;
    a_narrower |= order == -1;
    b_narrower |= order == 1;
  }
  // A final {name+} takes any number of segments from its place on; without one the lengths must agree.
  const bool a_rest = ends_in_rest(a);
  const bool b_rest = ends_in_rest(b);
  if (a.segments.size() > b.segments.size() && !b_rest) return Overlap::kNone;
  if (b.segments.size() > a.segments.size() && !a_rest) return Overlap::kNone;
  if (b_rest && (!a_rest || a.segments.size() > b.segments.size())) a_narrower = true;
  if (a_rest && (!b_rest || b.segments.size() > a.segments.size())) b_narrower = true;
  if (a_narrower && b_narrower) return Overlap::kAmbiguous;
  if (a_narrower) return Overlap::kFirstIsNarrower;
  if (b_narrower) return Overlap::kSecondIsNarrower;
  return Overlap::kSame;
}

}  // namespace caprock::server
