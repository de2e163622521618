#include "rag/answer/terms.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

// Sorted, for binary search. Contractions appear as tokenised ("don't" → "don", "t" is dropped as a tail).
constexpr auto kStopwords = std::to_array<std::string_view>(
    {"a",    "about",  "after",  "all",   "also",  "am",   "among",  "an",      "and",     "another",
     "any",  "are",    "as",     "at",    "be",    "been", "before", "being",   "between", "both",
     "but",  "by",     "can",    "could", "did",   "do",   "does",   "doing",   "during",  "each",
     "else", "ever",   "for",    "from",  "give",  "had",  "has",    "have",    "having",  "he",
     "her",  "hers",   "him",    "his",   "how",   "i",    "if",     "in",      "into",    "is",
     "it",   "its",    "itself", "just",  "kind",  "let",  "many",   "may",     "me",      "might",
     "more", "most",   "much",   "must",  "my",    "no",   "not",    "of",      "on",      "one",
     "only", "or",     "other",  "our",   "out",   "over", "own",    "per",     "please",  "shall",
     "she",  "should", "so",     "some",  "such",  "tell", "than",   "that",    "the",     "their",
     "them", "then",   "there",  "these", "they",  "this", "those",  "through", "to",      "too",
     "type", "under",  "until",  "up",    "upon",  "us",   "very",   "was",     "we",      "were",
     "what", "when",   "where",  "which", "while", "who",  "whom",   "whose",   "why",     "will",
     "with", "within", "would",  "you",   "your"});
static_assert(std::ranges::is_sorted(kStopwords));

enum class Kind : std::uint8_t { kOther, kLetter, kDigit, kMark, kUnspaced };

bool unspaced(char32_t c) {
  return (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3040 && c <= 0x30FF) ||
         (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

Kind kind_of(char32_t c) {
  if (c < 0x80) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Kind::kLetter;
    return c >= '0' && c <= '9' ? Kind::kDigit : Kind::kOther;
  }
  if (unspaced(c)) return Kind::kUnspaced;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return Kind::kLetter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return Kind::kDigit;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
      return Kind::kMark;
    default:
      return Kind::kOther;
  }
}

void append_folded(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return;
  }
  std::array<utf8proc_int32_t, 16> parts{};
  int boundary = 0;
  const auto option = static_cast<utf8proc_option_t>(
      UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
  const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(),
                                             static_cast<utf8proc_ssize_t>(parts.size()), option, &boundary);
  if (count < 0 || count > static_cast<utf8proc_ssize_t>(parts.size())) return base::append_utf8(out, c);
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    base::append_utf8(out, static_cast<char32_t>(parts.at(static_cast<std::size_t>(i))));
  }
}

bool is_upper(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  return utf8proc_isupper(static_cast<utf8proc_int32_t>(c)) != 0;
}

/// Reads words off a text, one code point of look-ahead.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Term> read() {
    while (at_ < text_.size()) step();
    return std::move(terms_);
  }

 private:
  void step() {
    std::size_t next = at_;
    const char32_t c = base::next_code_point(text_, next);
    switch (kind_of(c)) {
      case Kind::kUnspaced:
        return unspaced_run();
      case Kind::kLetter:
      case Kind::kDigit:
        return word();
      default:
        break;
    }
    if (c == '.' || c == '!' || c == '?' || c == '\n' || c == ':') opens_ = true;
    at_ = next;
  }

  void word() {
    Term term{.text = {}, .start = at_, .opens = opens_};
    std::string folded;
    bool first = true;
    while (at_ < text_.size()) {
      std::size_t next = at_;
      const char32_t c = base::next_code_point(text_, next);
      const Kind kind = kind_of(c);
      if (kind == Kind::kDigit) term.numeric = true;
      if (kind == Kind::kLetter || kind == Kind::kDigit || kind == Kind::kMark) {
        if (first) term.capitalised = is_upper(c);
        append_folded(folded, c);
      } else if (!inside_number(c, next, folded)) {
        break;
      } else if (c != ',') {
        folded += static_cast<char>(c);
      }
      first = false;
      at_ = next;
    }
    term.end = at_;
    skip_possessive();
    add(std::move(term), folded);
  }

  // "1,438" and "6.5" are one word each; the comma is dropped so that 1438 equals 1,438.
  bool inside_number(char32_t c, std::size_t next, const std::string& folded) const {
    if ((c != ',' && c != '.') || folded.empty() || folded.back() < '0' || folded.back() > '9') return false;
    return next < text_.size() && text_[next] >= '0' && text_[next] <= '9';
  }

  void skip_possessive() {
    std::size_t next = at_;
    if (next >= text_.size()) return;
    const char32_t mark = base::next_code_point(text_, next);
    if ((mark != '\'' && mark != U'’') || next >= text_.size()) return;
    const char tail = text_[next];
    const bool ends =
        next + 1 >= text_.size() || kind_of(static_cast<unsigned char>(text_[next + 1])) == Kind::kOther;
    if ((tail == 's' || tail == 't' || tail == 'd') && ends) at_ = next + 1;
  }

  void unspaced_run() {
    std::size_t previous = at_;
    std::size_t next = at_;
    base::next_code_point(text_, next);
    bool any = false;
    for (std::size_t end = next; end < text_.size(); previous = next, next = end) {
      if (kind_of(base::next_code_point(text_, end)) != Kind::kUnspaced) break;
      emit_pair(previous, end);
      any = true;
    }
    if (!any) emit_pair(previous, next);
    at_ = next;
    opens_ = false;
  }

  void emit_pair(std::size_t start, std::size_t end) {
    Term term{.text = {}, .start = start, .end = end};
    for (std::size_t i = start; i < end;) append_folded(term.text, base::next_code_point(text_, i));
    terms_.push_back(std::move(term));
  }

  void add(Term term, const std::string& folded) {
    opens_ = false;
    if (folded.empty()) return;
    term.stopword = is_stopword(folded);
    term.text = term.stopword || term.numeric ? folded : stem(folded);
    terms_.push_back(std::move(term));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool opens_ = true;
  std::vector<Term> terms_;
};

bool has_vowel(std::string_view word) { return word.find_first_of("aeiouy") != std::string_view::npos; }

bool strip(std::string& word, std::string_view ending, std::size_t keep) {
  if (!word.ends_with(ending) || word.size() < ending.size() + keep) return false;
  if (!has_vowel(std::string_view(word).substr(0, word.size() - ending.size()))) return false;
  word.resize(word.size() - ending.size());
  return true;
}

void undouble(std::string& word) {
  const auto size = word.size();
  if (size >= 4 && word[size - 1] == word[size - 2] &&
      std::string_view("lsz").find(word.back()) == std::string_view::npos) {
    word.pop_back();
  }
}

void strip_plural(std::string& word) {
  if (word.ends_with("ies") && word.size() > 4) {
    word.replace(word.size() - 3, 3, "y");
  } else if (word.ends_with("sses") || word.ends_with("xes") || word.ends_with("ches") ||
             word.ends_with("shes")) {
    word.resize(word.size() - 2);
  } else if (word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")) {
    word.pop_back();
  }
}

}  // namespace

std::vector<Term> terms_of(std::string_view text) { return Reader(text).read(); }

bool is_stopword(std::string_view folded) { return std::ranges::binary_search(kStopwords, folded); }

std::string stem(std::string_view folded) {
  std::string word(folded);
  if (word.size() <= 3) return word;
  strip_plural(word);
  if (strip(word, "ingly", 3) || strip(word, "edly", 3) || strip(word, "ly", 4)) undouble(word);
  if (strip(word, "ing", 3) || strip(word, "ed", 3)) undouble(word);
  if ((word.ends_with("tion") || word.ends_with("sion")) && word.size() >= 7) word.resize(word.size() - 3);
  if (word.ends_with("at") && word.size() >= 6) word.resize(word.size() - 2);
  if (word.size() > 3 && word.ends_with('e')) word.pop_back();
  if (word.size() > 3 && word.ends_with('y')) word.back() = 'i';
  return word;
}

}  // namespace caprock::rag
