#pragma once

#include <string>
#include <string_view>

namespace caprock::rag {

// Small questions about the typography of a line of UTF-8.

/// Ends in . ! ? : ; or their like in other scripts, closing quotes and brackets aside.
bool ends_sentence(std::string_view line);
/// Begins with a lower-case letter of a script that has case.
bool starts_lower(std::string_view line);
/// Begins with a bullet or a list number: "•", "– ", "(a) ", "1. ", "1) ".
bool starts_with_marker(std::string_view line);
/// A row of dots, as tables of contents have.
bool has_leader(std::string_view line);
/// Runs of four or more dots become " … ".
std::string shorten_leaders(std::string_view line);
bool has_letters(std::string_view text);
/// Chinese, Japanese: scripts without spaces between words (Korean has them).
bool is_cjk(char32_t c);
bool is_cjk_at_start(std::string_view text);
bool is_cjk_at_end(std::string_view text);
bool is_letter(char32_t c);
bool is_digit(char32_t c);
bool is_upper(char32_t c);
bool is_lower(char32_t c);

}  // namespace caprock::rag
