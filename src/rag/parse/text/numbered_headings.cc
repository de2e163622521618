#include "rag/parse/text/numbered_headings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string>

#include "rag/parse/text/is_one_of.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongest = 100;  ///< bytes of a heading
constexpr std::size_t kMostDepth = 4;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_usual_heading(std::string_view line) {
  constexpr std::array<std::string_view, 10> kUsual{
      "abstract",         "introduction",    "references", "bibliography", "conclusion",
      "acknowledgements", "acknowledgments", "appendix",   "conclusions",  "executive summary"};
  return line.size() <= 24 && line[0] >= 'A' && line[0] <= 'Z' && is_one_of(kUsual, lower(line));
}

// "3.1. " → {3, 1}; takes the number and the space off the line. Empty: no number.
std::vector<int> take_number(std::string_view& line) {
  std::vector<int> number;
  std::size_t at = 0;
  while (number.size() < kMostDepth) {
    int value = 0;
    const auto [end, error] = std::from_chars(line.data() + at, line.data() + line.size(), value);
    const auto stop = static_cast<std::size_t>(end - line.data());
    if (error != std::errc{} || stop - at > 2) break;
    number.push_back(value);
    at = stop;
    if (at >= line.size() || line[at] != '.') break;
    ++at;
  }
  if (at >= line.size() || line[at] != ' ') return {};
  line.remove_prefix(at + 1);
  return number;
}

bool looks_like_title(std::string_view text) {
  if (text.size() < 3 || text[0] < 'A' || text[0] > 'Z') return false;
  if (std::string_view(".,;:-").find(text.back()) != std::string_view::npos) return false;
  return std::ranges::count(text, ' ') < 11 && text.find(". ") == std::string_view::npos;
}

}  // namespace

bool NumberedHeadings::continues(const std::vector<int>& number) const {
  const std::size_t depth = number.size();
  if (last_.size() + 1 < depth) return false;
  if (!std::equal(number.begin(), number.end() - 1, last_.begin())) return false;
  return number.back() == (last_.size() >= depth ? last_[depth - 1] + 1 : 1);
}

int NumberedHeadings::level_of(std::string_view line) {
  while (line.ends_with(' ')) line.remove_suffix(1);
  if (line.empty() || line.size() > kLongest) return 0;
  if (is_usual_heading(line)) return 1;
  std::vector<int> number = take_number(line);
  if (number.empty() || !looks_like_title(line)) return 0;
  // What was taken for section 1 before (an author's affiliation) was none.
  if (number == std::vector<int>{1} && lower(line) == "introduction") last_.clear();
  if (!continues(number)) return 0;
  last_ = std::move(number);
  return static_cast<int>(last_.size());
}

}  // namespace caprock::rag
