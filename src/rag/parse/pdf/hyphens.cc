#include "rag/parse/pdf/hyphens.h"

#include <algorithm>
#include <cctype>

#include "rag/parse/text/marks.h"

namespace caprock::rag::pdf {
namespace {

bool is_word_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x80 || std::isalnum(u) != 0;
}

std::string bare_lower(std::string_view word) {
  while (!word.empty() && !is_word_byte(word.front())) word.remove_prefix(1);
  while (!word.empty() && !is_word_byte(word.back())) word.remove_suffix(1);
  std::string out(word);
  std::ranges::transform(out, out.begin(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80
               ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
               : c;
  });
  return out;
}

std::string_view last_word(std::string_view line) {
  const std::size_t space = line.rfind(' ');
  return space == std::string_view::npos ? line : line.substr(space + 1);
}

}  // namespace

Hyphens::Hyphens(const std::vector<Page>& pages) {
  for (const Page& page : pages) {
    for (const Segment& segment : page.segments) {
      std::string_view rest = segment.text;
      // Not the last word of a line that ends in a hyphen: it may be half a word.
      if (rest.ends_with('-')) rest = rest.substr(0, rest.size() - last_word(rest).size());
      while (!rest.empty()) {
        const std::size_t space = std::min(rest.find(' '), rest.size());
        if (std::string word = bare_lower(rest.substr(0, space)); !word.empty())
          words_.insert(std::move(word));
        rest.remove_prefix(std::min(space + 1, rest.size()));
      }
    }
  }
}

Hyphens::Join Hyphens::between(std::string_view line, std::string_view next) const {
  if (is_cjk_at_end(line) && is_cjk_at_start(next)) return Join::kNone;
  if (!line.ends_with('-') || line.size() < 2 || !is_word_byte(line[line.size() - 2])) return Join::kSpace;
  if (!starts_lower(next)) return Join::kKeepHyphen;
  const std::string first = bare_lower(last_word(line.substr(0, line.size() - 1)));
  const std::string second = bare_lower(next.substr(0, next.find(' ')));
  if (words_.contains(first + second)) return Join::kDropHyphen;
  if (words_.contains(first + "-" + second)) return Join::kKeepHyphen;
  const bool compound = first.size() > 2 && words_.contains(first) && words_.contains(second);
  return compound || first.find('-') != std::string::npos ? Join::kKeepHyphen : Join::kDropHyphen;
}

}  // namespace caprock::rag::pdf
