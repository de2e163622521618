#pragma once

#include <cstdint>

namespace caprock::stores::text {

/// What a character is to a search.
enum class CharClass : std::uint8_t {
  kBreak,   ///< space, punctuation, symbols
  kLetter,  ///< of a script with spaces between words
  kDigit,
  kMark,         ///< combining: belongs to the letter before it
  kIdeographic,  ///< of a script without spaces: searched by pairs of characters
};

CharClass classify(char32_t code_point);

/// Case folded, compatibility forms resolved, diacritics dropped: up to 4 code points written to `out`, their
/// number returned (0 when nothing remains). "Å" → "a", "ß" → "ss", "ﬁ" → "fi", "Ⅷ" → "viii".
int fold(char32_t code_point, char32_t out[4]);

}  // namespace caprock::stores::text
