#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace caprock::base {

/// JSON as people and strict readers expect it: numbers in the shortest form that reads back equal
/// (Boost.JSON writes 1.5 as 1.5E0), infinities and NaN as null, malformed UTF-8 repaired.
std::string json_text(const boost::json::value& value);
/// The same for one string, with its quotes.
std::string json_quoted(std::string_view text);

/// For records of our own and texts of our own user: the last of equal keys counts. Bodies of requests are
/// read by server::parse_json_body, which is stricter. kInvalidArgument says at which byte and why; nesting
/// above `depth` is refused.
Result<boost::json::value> parse_json(std::string_view text, std::size_t depth = 100);

/// "2026-03-01T09:30:00.123Z": ISO 8601 in UTC with milliseconds.
std::string iso_time(WallTime time);

}  // namespace caprock::base
