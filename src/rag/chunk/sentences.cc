#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "rag/chunk/chunker.h"
#include "rag/parse/text/is_one_of.h"
#include "rag/parse/text/marks.h"

namespace caprock::rag {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

// Abbreviations that hardly ever end a sentence, lower case without their last full stop; sorted.
constexpr std::array<std::string_view, 64> kAbbreviations{
    "adm", "al",   "approx", "apt",    "assoc", "ave",  "bd",   "bldg", "blvd", "ca",  "capt", "cf",   "cmdr",
    "co",  "col",  "cons",   "corp",   "cpl",   "dept", "dist", "dr",   "e.g",  "ed",  "eds",  "eq",   "eqs",
    "esp", "est",  "exp",    "ext",    "fig",   "figs", "ft",   "gen",  "gov",  "hon", "i.e",  "incl", "jan",
    "lt",  "maj",  "max",    "messrs", "min",   "mr",   "mrs",  "ms",   "mt",   "no",  "nos",  "pp",   "prof",
    "ref", "refs", "rep",    "rev",    "sec",   "sen",  "sgt",  "sr",   "st",   "u.s", "vol",  "vs"};
static_assert(std::ranges::is_sorted(kAbbreviations));

// Those after which a new sentence may well begin, when a capital follows.
bool is_weak_abbreviation(std::string_view word) {
  constexpr std::array<std::string_view, 6> kWeak{"al", "co", "corp", "ft", "max", "u.s"};
  return is_one_of(kWeak, word);
}

bool is_closing(char32_t c) {
  return c == '"' || c == '\'' || c == ')' || c == ']' || c == U'”' || c == U'’' || c == U'»' || c == U'」' ||
         c == U'』' || c == U'）';
}

bool is_wide_stop(char32_t c) { return c == U'。' || c == U'！' || c == U'？' || c == U'｡'; }
bool is_stop(char32_t c) { return c == '.' || c == '!' || c == '?' || c == U'…' || c == U'।' || c == U'؟'; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<ByteSpan> run() {
    while (at_ < text_.size()) step();
    end_at(text_.size());
    return std::move(spans_);
  }

 private:
  void step() {
    const std::size_t here = at_;
    const char byte = text_[here];
    if (byte == '\n') {
      if (line_ends_sentence(here)) end_at(here);
      ++at_;
      return;
    }
    if (static_cast<unsigned char>(byte) < 0x80 && byte != '.' && byte != '!' && byte != '?') {
      ++at_;
      return;
    }
    const char32_t c = base::next_code_point(text_, at_);
    if (is_wide_stop(c)) {
      skip_closing();
      end_at(at_);
    } else if (is_stop(c)) {
      while (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == '!' || text_[at_] == '?')) ++at_;
      skip_closing();
      if (ends_here(here, c)) end_at(at_);
    }
  }

  void skip_closing() {
    while (at_ < text_.size()) {
      std::size_t next = at_;
      if (!is_closing(base::next_code_point(text_, next))) return;
      at_ = next;
    }
  }

  // A stop at `stop`, closing marks up to at_: does the sentence end here?
  bool ends_here(std::size_t stop, char32_t mark) const {
    std::size_t next = at_;
    if (next < text_.size() && !is_space(text_[next])) return false;  // 3.14, example.org, "…" within
    while (next < text_.size() && is_space(text_[next])) ++next;
    if (next == text_.size()) return true;
    std::size_t after = next;
    char32_t first = base::next_code_point(text_, after);
    while (after < text_.size() && (first == '"' || first == '(' || first == '[' || first == '\'' ||
                                    first == U'“' || first == U'‘' || first == U'«'))
      first = base::next_code_point(text_, after);
    const bool lower = is_lower(first);
    if (mark != '.') return !lower;
    if (lower) return false;
    return !follows_abbreviation(stop, first);
  }

  bool follows_abbreviation(std::size_t stop, char32_t next) const {
    std::size_t start = stop;
    while (start > 0 && !is_space(text_[start - 1]) && text_[start - 1] != '(' && text_[start - 1] != '"')
      --start;
    std::string word(text_.substr(start, stop - start));
    if (word.empty()) return false;
    // An initial: one capital letter. "J. Smith"; but "in group B. The" is told by the word before it being
    // lower.
    if (is_initial(word)) return is_upper(next) && !after_lower_word(start);
    std::ranges::transform(word, word.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (is_digit(next) && is_numbering(word)) return true;
    if (!std::ranges::binary_search(kAbbreviations, std::string_view(word)))
      return is_list_number(word, start);
    if (word == "no" || word == "nos" || word == "fig" || word == "sec" || word == "eq" || word == "min" ||
        word == "max")
      return is_digit(next) || word == "fig" || word == "eq";
    return !(is_weak_abbreviation(word) && opens_sentence(stop));
  }

  // Is the next word one that mostly opens a sentence: "… by Smith et al. The results …", but "the U.S.
  // Army"?
  bool opens_sentence(std::size_t stop) const {
    constexpr std::array<std::string_view, 20> kOpeners{"A",       "An",   "As",   "At", "But", "For", "He",
                                                        "However", "If",   "In",   "It", "On",  "She", "The",
                                                        "These",   "They", "This", "To", "We",  "When"};
    const std::size_t start = text_.find_first_not_of(" \t\n\f\r", stop + 1);
    if (start == std::string_view::npos) return true;
    const std::size_t end = std::min(text_.find_first_of(" ,\n", start), text_.size());
    return is_one_of(kOpeners, text_.substr(start, end - start));
  }

  static bool is_numbering(std::string_view word) {
    constexpr std::array<std::string_view, 8> kBefore{"art", "ch", "chap", "p", "par", "part", "tab", "v"};
    return is_one_of(kBefore, word);
  }

  static bool is_initial(std::string_view word) {
    std::size_t at = 0;
    const char32_t c = base::next_code_point(word, at);
    return at == word.size() && is_upper(c);
  }

  bool after_lower_word(std::size_t start) const {
    std::size_t end = start;
    while (end > 0 && is_space(text_[end - 1])) --end;
    std::size_t begin = end;
    while (begin > 0 && !is_space(text_[begin - 1])) --begin;
    return begin < end && std::islower(static_cast<unsigned char>(text_[begin])) != 0;
  }

  // "1." at the start of a line or text numbers what follows.
  bool is_list_number(std::string_view word, std::size_t start) const {
    if (word.size() > 3 || word.find_first_not_of("0123456789") != std::string_view::npos) return false;
    std::size_t before = start;
    while (before > begin_ && (text_[before - 1] == ' ' || text_[before - 1] == '\t')) --before;
    return before == begin_ || text_[before - 1] == '\n';
  }

  // A blank line ends a sentence; so does a line end before a list item or between the rows of a table.
  bool line_ends_sentence(std::size_t newline) const {
    std::size_t next = newline + 1;
    while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\t')) ++next;
    if (next >= text_.size() || text_[next] == '\n') return true;
    const std::size_t stop = std::min(text_.find('\n', next), text_.size());
    const std::string_view line = text_.substr(next, stop - next);
    if (starts_with_marker(line)) return true;
    const std::size_t back = text_.rfind('\n', newline == 0 ? 0 : newline - 1);
    const std::size_t begin = std::max(begin_, back == std::string_view::npos || newline == 0 ? 0 : back + 1);
    const std::string_view before = text_.substr(begin, newline - begin);
    return before.find(" | ") != std::string_view::npos || line.find(" | ") != std::string_view::npos;
  }

  void end_at(std::size_t end) {
    std::size_t start = begin_;
    begin_ = end;
    while (start < end && is_space(text_[start])) ++start;
    while (end > start && is_space(text_[end - 1])) --end;
    if (start < end) spans_.push_back({start, end});
  }

  std::string_view text_;
  std::size_t begin_ = 0;  ///< of the sentence being read
  std::size_t at_ = 0;
  std::vector<ByteSpan> spans_;
};

}  // namespace

std::vector<ByteSpan> split_sentences(std::string_view text) { return Splitter(text).run(); }

}  // namespace caprock::rag
