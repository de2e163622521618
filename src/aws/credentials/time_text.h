#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace caprock::aws {

/// The times that AWS's credential services write: "2026-01-02T03:04:05Z", with a fraction of a second or
/// not, `Z`, `UTC` or an offset at the end. Nothing for anything else, and for years outside 1970 to 9999.
std::optional<base::WallTime> parse_time(std::string_view text);

}  // namespace caprock::aws
