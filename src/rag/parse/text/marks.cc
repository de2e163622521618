#include "rag/parse/text/marks.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "base/utf8.h"
#include "rag/parse/text/is_one_of.h"

namespace caprock::rag {
namespace {

char32_t first_of(std::string_view text) {
  std::size_t at = 0;
  return text.empty() ? 0 : base::next_code_point(text, at);
}

char32_t take_last(std::string_view& text) {
  if (text.empty()) return 0;
  std::size_t start = text.size() - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) --start;
  std::size_t at = start;
  const char32_t c = base::next_code_point(text, at);
  text = text.substr(0, start);
  return c;
}

UChar32 icu(char32_t c) { return static_cast<UChar32>(c); }

bool is_closing(char32_t c) {
  constexpr std::array<char32_t, 12> kClosing{U'"', U'\'', U')', U']',  U'}',  U'”',
                                              U'’', U'»',  U'›', U'」', U'』', U'）'};
  return is_one_of(kClosing, c);
}

}  // namespace

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return u_isalpha(icu(c)) != 0;
}
bool is_digit(char32_t c) { return c < 0x80 ? c >= '0' && c <= '9' : u_isdigit(icu(c)) != 0; }
bool is_upper(char32_t c) { return c < 0x80 ? c >= 'A' && c <= 'Z' : u_isupper(icu(c)) != 0; }

bool is_lower(char32_t c) { return c < 0x80 ? c >= 'a' && c <= 'z' : u_islower(icu(c)) != 0; }

bool is_cjk(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF) || (c >= 0x3001 && c <= 0x3011) ||
         (c >= 0xFF01 && c <= 0xFF1F);
}
bool is_cjk_at_start(std::string_view text) { return is_cjk(first_of(text)); }
bool is_cjk_at_end(std::string_view text) { return is_cjk(take_last(text)); }

bool ends_sentence(std::string_view line) {
  char32_t c = take_last(line);
  while (is_closing(c)) c = take_last(line);
  constexpr std::array<char32_t, 11> kEnds{U'.',  U'!',  U'?',  U':', U';', U'…',
                                           U'。', U'！', U'？', U'।', U'؟'};
  return is_one_of(kEnds, c);
}

bool starts_lower(std::string_view line) { return is_lower(first_of(line)); }

bool starts_with_marker(std::string_view line) {
  constexpr std::array<std::string_view, 14> kBullets{"•", "◦",      "▪",      "‣",  "●",  "○",  "■",
                                                      "□", "\uF0B7", "\uF0A7", "– ", "— ", "- ", "* "};
  if (std::ranges::any_of(kBullets, [&](std::string_view b) { return line.starts_with(b); })) return true;
  std::size_t at = line.starts_with('(') ? 1 : 0;
  const std::size_t start = at;
  while (at < line.size() && at < start + 3 && std::isdigit(static_cast<unsigned char>(line[at])) != 0) ++at;
  if (at == start && start == 1 && line.size() > 2 && std::islower(static_cast<unsigned char>(line[1])) != 0)
    ++at;
  if (at == start || at + 1 >= line.size() || line[at + 1] != ' ') return false;
  return line[at] == ')' || (start == 0 && line[at] == '.');
}

bool has_leader(std::string_view line) {
  return line.find("....") != std::string_view::npos || line.find(". . . .") != std::string_view::npos;
}

std::string shorten_leaders(std::string_view line) {
  if (!has_leader(line)) return std::string(line);
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i;
    std::size_t dots = 0;
    while (end < line.size() && (line[end] == '.' || (line[end] == ' ' && dots > 0)))
      dots += line[end++] == '.';
    if (dots < 4) {
      out += line[i++];
      continue;
    }
    if (!out.empty() && out.back() != ' ') out += ' ';
    out += "…";
    if (end < line.size()) out += ' ';
    i = end;
  }
  return out;
}

bool has_letters(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (is_letter(base::next_code_point(text, at))) return true;
  return false;
}

}  // namespace caprock::rag
