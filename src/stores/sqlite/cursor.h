#pragma once

#include <algorithm>
#include <string>

#include "base/result.h"
#include "stores/types.h"

namespace caprock::stores {

/// Cursors name their listing, so that one of another listing is refused. Opaque to clients: hexadecimal.
std::string make_cursor(char listing, std::string_view position);
/// The position, or `start` for an empty cursor. kInvalidArgument for "cursor" otherwise.
base::Result<std::string> read_cursor(char listing, std::string_view cursor, std::string start);

inline std::uint32_t page_limit(const PageRequest& page) {
  return std::clamp<std::uint32_t>(page.limit, 1, 10'000);
}

}  // namespace caprock::stores
