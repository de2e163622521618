#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace caprock::base {

/// True when `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, ≤ U+10FFFF).
bool is_valid_utf8(std::string_view text) noexcept;
/// The number of code points of well-formed UTF-8.
std::size_t count_code_points(std::string_view text) noexcept;
/// The byte offset of code point `index` of well-formed UTF-8, or text.size() when it has fewer.
std::size_t byte_offset(std::string_view text, std::size_t index) noexcept;
/// The slice [start, end) in code points.
std::string_view slice_code_points(std::string_view text, std::size_t start, std::size_t end) noexcept;
/// Reads the code point at `offset` and moves it on. Malformed bytes give U+FFFD and move on by one.
char32_t next_code_point(std::string_view text, std::size_t& offset) noexcept;
void append_utf8(std::string& out, char32_t code_point);
/// Replaces every malformed byte by U+FFFD.
std::string repair_utf8(std::string_view text);

}  // namespace caprock::base
