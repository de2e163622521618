#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

// Inside src/aws only.
namespace caprock::aws {

/// The parts of a date as they stand in a text: digits only.
struct UtcText {
  std::string_view year, month, day, hour, minute, second;
};

/// The moment, or nothing when a part is no number, the date does not exist, or the year is not of 1970 to
/// 2199 (which nothing here can mean, and not every year has a place in the clock's nanoseconds).
std::optional<base::WallTime> utc_time(const UtcText& text);

}  // namespace caprock::aws
