#include "base/utf8.h"

#include <gtest/gtest.h>

namespace caprock::base {
namespace {

TEST(Utf8, WellFormedText_IsValid) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("plain"));
  EXPECT_TRUE(is_valid_utf8("é漢😀"));
}

TEST(Utf8, MalformedText_IsRefused) {
  EXPECT_FALSE(is_valid_utf8("\x80"));              // continuation without lead
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));          // overlong slash
  EXPECT_FALSE(is_valid_utf8("\xE0\x80\xAF"));      // overlong, three bytes
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_valid_utf8("abc\xE6\xBC"));       // cut off
}

TEST(Utf8, OneMalformedByteAnywhereInLongText_IsFound) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    EXPECT_TRUE(is_valid_utf8(text));
    text[at] = '\x80';
    EXPECT_FALSE(is_valid_utf8(text)) << at;
    text.replace(at, 1, "ü");
    EXPECT_TRUE(is_valid_utf8(text)) << at;
    EXPECT_FALSE(is_valid_utf8(std::string_view(text).substr(0, at + 1))) << at;
  }
}

TEST(Utf8, Slice_CountsCodePoints) {
  const std::string_view text = "aé漢😀z";
  EXPECT_EQ(count_code_points(text), 5U);
  EXPECT_EQ(slice_code_points(text, 1, 4), "é漢😀");
  EXPECT_EQ(slice_code_points(text, 4, 99), "z");
  EXPECT_EQ(slice_code_points(text, 3, 3), "");
  EXPECT_EQ(byte_offset(text, 5), text.size());
}

TEST(Utf8, AppendThenNext_GivesTheSameCodePoint) {
  for (const char32_t c : {U'\x41', U'\xE9', U'\x6F22', U'\x1F600', U'\x10FFFF'}) {
    std::string text;
    append_utf8(text, c);
    std::size_t offset = 0;
    EXPECT_EQ(next_code_point(text, offset), c);
    EXPECT_EQ(offset, text.size());
  }
}

TEST(Utf8, Repair_ReplacesMalformedBytesOnly) {
  EXPECT_EQ(repair_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(repair_utf8("é"), "é");
}

}  // namespace
}  // namespace caprock::base
