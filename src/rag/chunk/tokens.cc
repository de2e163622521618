#include <string_view>

#include "base/utf8.h"
#include "rag/chunk/chunker.h"
#include "rag/parse/text/marks.h"

namespace caprock::rag {
namespace {

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }

template <class Test>
std::size_t run_length(std::string_view text, std::size_t from, Test test) {
  std::size_t end = from;
  while (end < text.size() && test(text[end])) ++end;
  return end - from;
}

// Most English words up to seven letters are one piece; longer ones break every five letters or so.
std::uint32_t word_tokens(std::size_t letters) {
  return letters <= 7 ? 1 : 1 + static_cast<std::uint32_t>((letters - 3) / 5);
}

}  // namespace

std::uint32_t estimate_tokens(std::string_view text) {
  std::uint32_t tokens = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t letters = run_length(text, i, is_ascii_letter); letters > 0) {
      tokens += word_tokens(letters);
      i += letters;
    } else if (const std::size_t digits = run_length(text, i, is_ascii_digit); digits > 0) {
      tokens += static_cast<std::uint32_t>((digits + 1) / 2);
      i += digits;
    } else if (static_cast<unsigned char>(text[i]) < 0x80) {
      tokens += static_cast<unsigned char>(text[i]) > 0x20;
      ++i;
    } else {
      // Ideographs are a piece each, other scripts' letters half a piece on average.
      std::size_t letters_of_script = 0;
      while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80) {
        const char32_t c = base::next_code_point(text, i);
        if (is_letter(c) && !is_cjk(c))
          ++letters_of_script;
        else
          ++tokens;
      }
      tokens += static_cast<std::uint32_t>((letters_of_script + 1) / 2);
    }
  }
  return tokens;
}

}  // namespace caprock::rag
