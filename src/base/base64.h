#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caprock::base {

/// RFC 4648 §4, padded. Any bytes.
std::string base64_encode(std::string_view bytes);
/// The bytes, or nothing when `text` is not canonical base64: a foreign character, white space, missing or
/// misplaced padding, bits left over.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace caprock::base
