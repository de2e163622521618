#pragma once

#include <string>
#include <string_view>

namespace caprock::base {

/// Appends `text` as a JSON string with its quotes; malformed UTF-8 is repaired. Looks at eight bytes at a
/// time.
void append_json_string(std::string& out, std::string_view text);

}  // namespace caprock::base
