#include "app/cli/terminal.h"

#include <unistd.h>

#include <iostream>
#include <iterator>

#include "base/utf8.h"

namespace caprock::app {

Terminal standard_terminal() {
  return {std::cout,
          std::cerr,
          std::cin,
          ::isatty(STDOUT_FILENO) == 1,
          ::isatty(STDERR_FILENO) == 1,
          ::isatty(STDIN_FILENO) == 1};
}

std::string words_or_input(const std::vector<std::string>& words, const Terminal& terminal) {
  if (words == std::vector<std::string>{"-"}) return {std::istreambuf_iterator<char>(terminal.in), {}};
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = base::next_code_point(text, at);
    const bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    // Marks that turn the direction of what follows could hide where a quote ends.
    const bool turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    base::append_utf8(out, control || turns ? U'\uFFFD' : c);
  }
  return out;
}

std::string one_line(std::string_view text, std::size_t width) {
  std::string flat;
  for (const char c : printable(text)) {
    const bool space = c == ' ' || c == '\n' || c == '\t';
    if (!space)
      flat += c;
    else if (!flat.empty() && flat.back() != ' ')
      flat += ' ';
  }
  if (base::count_code_points(flat) <= width) return flat;
  return std::string(base::slice_code_points(flat, 0, width - 1)) + "…";
}

}  // namespace caprock::app
