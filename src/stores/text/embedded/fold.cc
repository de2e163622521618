#include "stores/text/embedded/fold.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace caprock::stores::text {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Scripts written without spaces between words (Unicode blocks).
constexpr std::array<Range, 14> kIdeographic{{{0x0E00, 0x0E7F},      // Thai
                                              {0x0E80, 0x0EFF},      // Lao
                                              {0x1000, 0x109F},      // Myanmar
                                              {0x1100, 0x11FF},      // Hangul Jamo
                                              {0x1780, 0x17FF},      // Khmer
                                              {0x3005, 0x3007},      // iteration marks
                                              {0x3040, 0x30FF},      // Hiragana, Katakana
                                              {0x3130, 0x318F},      // Hangul compatibility Jamo
                                              {0x31F0, 0x31FF},      // Katakana extensions
                                              {0x3400, 0x4DBF},      // Han extension A
                                              {0x4E00, 0x9FFF},      // Han
                                              {0xAC00, 0xD7AF},      // Hangul syllables
                                              {0xF900, 0xFAFF},      // Han compatibility
                                              {0x20000, 0x3FFFF}}};  // Han extensions B…

bool ideographic(char32_t c) {
  const auto* after =
      std::upper_bound(kIdeographic.begin(), kIdeographic.end(), c,
                       [](char32_t value, const Range& range) { return value < range.first; });
  return after != kIdeographic.begin() && c <= (after - 1)->last;
}

}  // namespace

CharClass classify(char32_t code_point) {
  const auto c = static_cast<utf8proc_int32_t>(code_point);
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return ideographic(code_point) ? CharClass::kIdeographic : CharClass::kLetter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return CharClass::kDigit;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:  // soft hyphen, joiners
      return ideographic(code_point) ? CharClass::kIdeographic : CharClass::kMark;
    default:
      return CharClass::kBreak;
  }
}

int fold(char32_t code_point, char32_t out[4]) {
  std::array<utf8proc_int32_t, 32> buffer;
  int boundclass = 0;
  const auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
  const auto count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), buffer.data(),
                              static_cast<utf8proc_ssize_t>(buffer.size()), options, &boundclass);
  if (count < 0) return 0;
  const int kept = static_cast<int>(std::min<utf8proc_ssize_t>(count, 4));
  for (int i = 0; i < kept; ++i) out[i] = static_cast<char32_t>(buffer[static_cast<std::size_t>(i)]);
  return kept;
}

}  // namespace caprock::stores::text
