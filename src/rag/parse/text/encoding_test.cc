#include "rag/parse/text/encoding.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

using namespace std::string_literals;

std::string utf16(std::u16string_view text, bool little, bool mark) {
  std::string out = mark ? (little ? "\xFF\xFE"s : "\xFE\xFF"s) : ""s;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xFF);
    const char high = static_cast<char>(unit >> 8);
    out += little ? std::string{low, high} : std::string{high, low};
  }
  return out;
}

TEST(DecodeText_Utf16, WithAndWithoutByteOrderMark) {
  for (const bool little : {true, false})
    for (const bool mark : {true, false}) {
      EXPECT_EQ(decode_text(utf16(u"Größe: 5 µm 😀", little, mark)), "Größe: 5 µm 😀");
      EXPECT_EQ(decode_text(utf16(u"这是一个测试。它没有空格", little, mark)), "这是一个测试。它没有空格");
      EXPECT_FALSE(looks_binary(utf16(u"Hello, world", little, mark)));
    }
}

TEST(DecodeText_SingleBytes, AreWindows1252) {
  EXPECT_EQ(decode_text("Gr\xF6\xDF"
                        "e \x80 5 \x93quoted\x94"),
            "Größe € 5 “quoted”");
  EXPECT_EQ(decode_text("\xCF\xF0\xE8\xE2\xE5\xF2", "windows-1251"), "Привет");
}

TEST(DecodeText_Utf8, StaysUtf8WithAFewBrokenBytes) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "ähnlich ";
  EXPECT_EQ(decode_text(text + "\xC3").substr(0, text.size()), text);
  EXPECT_TRUE(base::is_valid_utf8(decode_text(text + "\xC3")));
  EXPECT_EQ(decode_text("\xEF\xBB\xBFok"), "ok");
}

TEST(NormalizeText_Everything, ComesOutPlain) {
  EXPECT_EQ(normalize_text("a\r\nb\rc"), "a\nb\nc");
  EXPECT_EQ(normalize_text("e\xCC\x81t\xC3\xA9"), "été");
  EXPECT_EQ(normalize_text("ef\uFB01cient\u00A0of\uFB02ine"), "efficient offline");
  EXPECT_EQ(normalize_text("soft\u00ADhyphen\u200B\x01"), "softhyphen");
  EXPECT_EQ(normalize_text("page one\fpage two\tx"), "page one\fpage two\tx");
}

}  // namespace
}  // namespace caprock::rag
