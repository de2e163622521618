#include "rag/parse/pdf/running.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace caprock::rag::pdf {
namespace {

constexpr float kZone = 0.12F;                ///< of the page's height, at its top and bottom
constexpr std::size_t kLongestCounting = 60;  ///< bytes of a line that differs by its page number
constexpr float kSameHeight = 6.0F;  ///< points within which lines of different pages stand at one height

// A line with its numbers taken out, to compare it with other pages.
struct Pattern {
  std::string text;  ///< letters only, digits as '#', lower case
  std::vector<long> numbers;
};

Pattern pattern_of(std::string_view text) {
  Pattern pattern;
  for (std::size_t i = 0; i < text.size();) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      pattern.text += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i++])));
      continue;
    }
    long value = -1;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), value);
    if (error != std::errc{}) value = -1;
    pattern.numbers.push_back(value);
    pattern.text += '#';
    i = static_cast<std::size_t>(end - text.data());
  }
  return pattern;
}

bool in_zone(const Page& page, const Segment& segment) {
  return segment.box.y1 <= page.height * kZone || segment.box.y0 >= page.height * (1 - kZone);
}

// "Page 3 of 12", "– 3 –": says itself that it is a page number, on a single page too.
bool is_explicit_page_number(const Pattern& pattern) {
  return pattern.text == "page #" || pattern.text == "page # of #" || pattern.text == "- # -" ||
         pattern.text == "– # –" || pattern.text == "# of #" || pattern.text == "seite # von #" ||
         pattern.text == "p. #";
}

// i, ii, iii, iv … of front matter.
bool is_roman(std::string_view text) {
  return !text.empty() && text.size() <= 6 && text.find_first_not_of("ivxl") == std::string_view::npos;
}

struct Candidate {
  std::size_t page;
  std::size_t segment;
  float height;  ///< of its middle, measured from the nearer edge
  std::string exact;
  Pattern pattern;
};

// The first number that grows with the pages, as its distance from the page's own.
std::set<long> offsets(const Candidate& candidate) {
  std::set<long> result;
  for (const long number : candidate.pattern.numbers)
    if (number >= 0) result.insert(number - static_cast<long>(candidate.page));
  return result;
}

bool same_line(const Candidate& a, const Candidate& b) {
  if (std::abs(a.height - b.height) > kSameHeight) return false;
  if (a.exact == b.exact) return true;
  if (is_roman(a.exact) && is_roman(b.exact)) return true;
  if (a.exact.size() > kLongestCounting) return false;
  const std::set<long> others = offsets(b);
  return std::ranges::any_of(offsets(a), [&](long offset) { return others.contains(offset); });
}

std::vector<Candidate> candidates(const std::vector<Page>& pages) {
  std::vector<Candidate> all;
  for (std::size_t p = 0; p < pages.size(); ++p) {
    for (std::size_t s = 0; s < pages[p].segments.size(); ++s) {
      const Segment& segment = pages[p].segments[s];
      if (!segment.upright || segment.text.size() > 200 || !in_zone(pages[p], segment)) continue;
      const float y = middle(segment.box);
      const bool top = y < pages[p].height / 2;
      all.push_back({p, s, top ? y : y - pages[p].height, segment.text, pattern_of(segment.text)});
    }
  }
  return all;
}

// On how many pages must a line be? Most repeat on all or on every other page, of which a chapter may be
// short.
std::size_t needed(std::size_t pages) { return pages <= 3 ? 2 : 3; }

bool stands_on(std::size_t enough, const Candidate& one, const std::vector<const Candidate*>& group) {
  std::set<std::size_t> pages;
  for (const Candidate* other : group) {
    if (same_line(one, *other)) pages.insert(other->page);
    if (pages.size() >= enough) return true;
  }
  return false;
}

}  // namespace

void drop_running_lines(std::vector<Page>& pages) {
  const std::vector<Candidate> all = candidates(pages);
  std::map<std::string_view, std::vector<const Candidate*>> groups;
  for (const Candidate& candidate : all)
    groups[is_roman(candidate.exact) ? std::string_view("i") : std::string_view(candidate.pattern.text)]
        .push_back(&candidate);
  std::vector<std::set<std::size_t>> drop(pages.size());
  for (const auto& [text, group] : groups)
    for (const Candidate* candidate : group)
      if (is_explicit_page_number(candidate->pattern) || stands_on(needed(pages.size()), *candidate, group))
        drop[candidate->page].insert(candidate->segment);
  for (std::size_t p = 0; p < pages.size(); ++p) {
    std::size_t index = 0;
    std::erase_if(pages[p].segments, [&](const Segment&) { return drop[p].contains(index++); });
  }
}

}  // namespace caprock::rag::pdf
