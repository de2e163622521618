#include "stores/text/embedded/analyzer.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "stores/text/embedded/fold.h"
#include "stores/text/embedded/porter.h"

namespace caprock::stores::text {
namespace {

constexpr std::size_t kMaxJoined = 12;  ///< letters and digits of "TGF-b1", written as one term too
constexpr std::size_t kMaxUnit = 4;     ///< letters after a number that are its unit: "64.7GB", "250mmol"

constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What a byte below 0x80 becomes: a lower-case letter, a digit, or 0 for a break.
constexpr std::array<char, 128> kAscii = [] {
  std::array<char, 128> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[c] = static_cast<char>(c);
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = static_cast<char>(c - 'A' + 'a');
  for (int c = '0'; c <= '9'; ++c) table[c] = static_cast<char>(c);
  return table;
}();

char ascii_word_char(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte < 0x80 ? kAscii[byte] : '\0';
}

class Scanner {
 public:
  Scanner(std::string_view text, TermList& out) : text_(text), out_(out) {}

  void run() {
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte >= 0x80)
        other();
      else if (kAscii[byte] != 0)
        push(kAscii[byte]), ++at_;
      else
        ascii_break(text_[at_]), ++at_;
    }
    end_word();
    end_name();
  }

 private:
  void push(char c) {
    if (pair_ != 0) end_ideographs();
    if (word_.size() >= kMaxTermBytes) return;
    word_ += c;
    digits_ += is_digit(c) ? 1 : 0;
  }

  /// A break may stand inside a number, an acronym, a name or a possessive.
  void ascii_break(char c) {
    const char next = ascii_word_char(text_, at_ + 1);
    switch (c) {
      case '.':
        if (numeric() && is_digit(next) && word_.size() < kMaxTermBytes) return word_.push_back('.');  // 4.3
        if (single_letter_before() && (next == 0 || single_letter_at(at_ + 1))) return;  // U.S., e.g.
        break;
      case ',':
        if (numeric() && grouping()) return;
        break;
      case '-':
        if (!word_.empty() && next != 0) return hyphen();
        break;
      case '\'':
        if (next == 's' && ascii_word_char(text_, at_ + 2) == 0 && !word_.empty()) ++at_;
        break;
      default:
        break;
    }
    end_word();
    end_name();
  }

  bool numeric() const { return !word_.empty() && is_digit(word_.front()) && is_digit(word_.back()); }

  /// "1,000" and "12,345,678", but not "3,4" or "2019,2020".
  bool grouping() const {
    const std::size_t since = word_.size() - group_;
    return since >= 1 && since <= 3 && (group_ == 0 || since == 3) &&
           is_digit(ascii_word_char(text_, at_ + 1)) && is_digit(ascii_word_char(text_, at_ + 2)) &&
           is_digit(ascii_word_char(text_, at_ + 3)) && !is_digit(ascii_word_char(text_, at_ + 4)) &&
           mark_group();
  }
  bool mark_group() const {
    group_ = word_.size();
    return true;
  }

  bool single_letter_at(std::size_t at) const {
    const char c = ascii_word_char(text_, at);
    return is_lower(c) && at + 1 < text_.size() && text_[at + 1] == '.';
  }
  /// The letter just read stands alone, or in a row of such letters.
  bool single_letter_before() const {
    if (word_.empty() || !is_lower(word_.back())) return false;
    return word_.size() == 1 || text_[at_ - 2] == '.';
  }

  void hyphen() {
    if (name_.size() + word_.size() <= kMaxJoined) name_ += word_;
    name_has_digit_ = name_has_digit_ || digits_ > 0;
    ++name_parts_;
    end_word();
  }

  /// Ends a hyphenated name: its parts are out already, the whole follows when it is short and has a digit.
  void end_name() {
    if (name_parts_ > 0) {
      if (name_parts_ == 1 && name_has_digit_ && name_has_letter_ && name_.size() <= kMaxJoined)
        out_.add(name_);
      name_.clear();
      name_parts_ = 0;
    }
    name_has_digit_ = name_has_letter_ = false;
  }

  void end_word() {
    if (pair_ != 0) end_ideographs();
    if (word_.empty()) return;
    if (name_parts_ > 0 && at_name_end()) {
      name_ += word_;
      name_has_digit_ = name_has_digit_ || digits_ > 0;
    }
    name_has_letter_ = name_has_letter_ || digits_ < word_.size();
    emit_word();
    word_.clear();
    ascii_ = true;
    digits_ = 0;
    group_ = 0;
  }
  bool at_name_end() const {
    return at_ >= text_.size() || text_[at_] != '-' || ascii_word_char(text_, at_ + 1) == 0;
  }

  void emit_word() {
    if (digits_ == 0) return emit(word_, ascii_);
    if (ascii_ && is_digit(word_.front()) && digits_ < word_.size()) {
      const std::size_t unit = word_.find_first_not_of("0123456789.");
      if (unit != std::string::npos && word_.size() - unit <= kMaxUnit &&
          std::ranges::all_of(word_.substr(unit), is_lower)) {
        emit(std::string_view(word_).substr(0, unit), false);
        const std::string rest = word_.substr(unit);
        return emit(rest, true);
      }
    }
    emit(word_, false);
  }

  void emit(std::string_view term, bool stem) {
    if (!stem) return out_.add(term);
    std::array<char, kMaxTermBytes + 8> buffer;
    std::ranges::copy(term, buffer.begin());
    out_.add({buffer.data(), porter_stem(buffer.data(), term.size())});
  }

  void other() {
    std::size_t next = at_;
    const char32_t c = base::next_code_point(text_, next);
    const CharClass kind = classify(c);
    if (c == U'\u2019') {
      // A typographic apostrophe is an apostrophe.
      if (ascii_word_char(text_, next) == 's' && ascii_word_char(text_, next + 1) == 0 && !word_.empty())
        ++next;
      end_word();
      end_name();
    } else if (kind == CharClass::kLetter || kind == CharClass::kDigit) {
      letter(c);
    } else if (kind == CharClass::kIdeographic) {
      ideograph(c);
    } else if (kind == CharClass::kBreak) {
      end_word();
      end_name();
    }
    at_ = next;
  }

  void letter(char32_t c) {
    if (pair_ != 0) end_ideographs();
    char32_t folded[4];
    const int count = fold(c, folded);
    for (int i = 0; i < count; ++i) {
      if (folded[i] < 0x80) {
        const char plain = kAscii[folded[i]];
        if (plain != 0) push(plain);
      } else if (word_.size() + 4 <= kMaxTermBytes) {
        base::append_utf8(word_, folded[i]);
        ascii_ = false;
      }
    }
  }

  void ideograph(char32_t c) {
    if (!word_.empty()) end_word();
    std::string current;
    base::append_utf8(current, c);
    if (pair_ != 0) out_.add(previous_ + current);
    pair_ = pair_ == 0 ? 1 : 2;
    previous_ = std::move(current);
  }
  /// A lone character is a term of its own.
  void end_ideographs() {
    if (pair_ == 1) out_.add(previous_);
    pair_ = 0;
  }

  std::string_view text_;
  TermList& out_;
  std::size_t at_ = 0;
  std::string word_;
  bool ascii_ = true;              ///< the word has nothing but a–z, 0–9 and '.'
  std::size_t digits_ = 0;         ///< ASCII digits in the word
  mutable std::size_t group_ = 0;  ///< length of the word when the last grouping comma was passed
  std::string name_;               ///< the parts of a hyphenated name so far, joined
  int name_parts_ = 0;             ///< hyphens passed
  bool name_has_digit_ = false;
  bool name_has_letter_ = false;
  int pair_ = 0;  ///< ideographs in the current run: 0, 1, more
  std::string previous_;
};

// The words of English questions that say nothing of their subject. Sorted; stemmed as terms are.
constexpr auto kStopWords = std::to_array<std::string_view>(
    {"a",     "about", "ani",  "ar",    "be",    "an",   "and",  "are",   "as",   "at",   "been",
     "but",   "by",    "can",  "could", "did",   "do",   "doe",  "for",   "from", "ha",   "had",
     "have",  "how",   "i",    "if",    "in",    "into", "is",   "it",    "me",   "my",   "no",
     "not",   "of",    "on",   "or",    "our",   "she",  "he",   "such",  "than", "that", "the",
     "their", "them",  "then", "there", "these", "thei", "thi",  "those", "to",   "wa",   "we",
     "were",  "what",  "when", "where", "which", "who",  "whom", "whose", "whi",  "will", "with",
     "would", "you",   "your", "was",   "has",   "this", "does", "they",  "why",  "its"});

bool stop_word(std::string_view term) { return std::ranges::find(kStopWords, term) != kStopWords.end(); }

}  // namespace

void analyze(std::string_view text, TermList& out) { Scanner(text, out).run(); }

std::vector<std::string> analyze_query(std::string_view text) {
  TermList terms;
  analyze(text, terms);
  std::vector<std::string> all;
  std::vector<std::string> telling;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (std::ranges::find(all, terms[i]) != all.end()) continue;
    all.emplace_back(terms[i]);
    if (!stop_word(terms[i])) telling.emplace_back(terms[i]);
  }
  return telling.empty() ? all : telling;
}

}  // namespace caprock::stores::text
