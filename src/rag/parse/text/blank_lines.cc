#include "rag/parse/text/blank_lines.h"

#include <cstddef>

namespace caprock::rag {
namespace {

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\f") == std::string_view::npos; }

std::string_view without_ends(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\n\f");
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  const std::size_t first = text.find_first_not_of(" \t\n\f");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

}  // namespace

std::vector<std::string_view> split_at_blank_lines(std::string_view text) {
  std::vector<std::string_view> paragraphs;
  std::size_t start = 0;
  const auto flush = [&](std::size_t end) {
    if (const std::string_view paragraph = without_ends(text.substr(start, end - start)); !paragraph.empty())
      paragraphs.push_back(paragraph);
  };
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t newline = text.find('\n', line);
    const std::size_t end = newline == std::string_view::npos ? text.size() : newline;
    if (is_blank(text.substr(line, end - line))) {
      flush(line);
      start = end == text.size() ? end : end + 1;
    }
    line = end + 1;
  }
  if (start < text.size()) flush(text.size());
  return paragraphs;
}

}  // namespace caprock::rag
