#include "stores/text/embedded/porter.h"

#include <array>
#include <cstring>
#include <span>
#include <string_view>

namespace caprock::stores::text {
namespace {

/// The word being stemmed. `end_` is its length; `stem_` the length of what stands before the suffix that was
/// matched last.
class Stemmer {
 public:
  Stemmer(char* word, std::size_t length) : word_(word), end_(length) {}
  std::size_t run();

 private:
  struct Rule {
    std::string_view suffix;
    std::string_view replacement;
  };

  bool consonant(std::size_t i) const;
  /// The number of vowel–consonant sequences in the stem: "m" of the paper.
  int measure() const;
  bool vowel_in_stem() const;
  bool double_consonant() const;
  /// consonant–vowel–consonant at the end of the first `length` letters, the last not w, x or y.
  bool ends_cvc(std::size_t length) const;
  bool ends(std::string_view suffix);
  void set_suffix(std::string_view replacement);
  void apply_first(std::span<const Rule> rules);

  void plurals();
  void past_and_gerund();
  void restore_after_cut();
  void terminal_y();
  void step2();
  void step3();
  void step4();
  void step5();

  char* word_;
  std::size_t end_;
  std::size_t stem_ = 0;
};

bool Stemmer::consonant(std::size_t i) const {
  switch (word_[i]) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
      return false;
    case 'y':
      return i == 0 || !consonant(i - 1);
    default:
      return true;
  }
}

int Stemmer::measure() const {
  int count = 0;
  std::size_t i = 0;
  while (i < stem_ && consonant(i)) ++i;
  while (i < stem_) {
    while (i < stem_ && !consonant(i)) ++i;
    if (i == stem_) break;
    ++count;
    while (i < stem_ && consonant(i)) ++i;
  }
  return count;
}

bool Stemmer::vowel_in_stem() const {
  for (std::size_t i = 0; i < stem_; ++i)
    if (!consonant(i)) return true;
  return false;
}

bool Stemmer::double_consonant() const {
  return end_ >= 2 && word_[end_ - 1] == word_[end_ - 2] && consonant(end_ - 1);
}

bool Stemmer::ends_cvc(std::size_t length) const {
  if (length < 3 || !consonant(length - 1) || consonant(length - 2) || !consonant(length - 3)) return false;
  const char last = word_[length - 1];
  return last != 'w' && last != 'x' && last != 'y';
}

bool Stemmer::ends(std::string_view suffix) {
  if (suffix.size() > end_ || std::memcmp(word_ + end_ - suffix.size(), suffix.data(), suffix.size()) != 0)
    return false;
  stem_ = end_ - suffix.size();
  return true;
}

void Stemmer::set_suffix(std::string_view replacement) {
  std::memcpy(word_ + stem_, replacement.data(), replacement.size());
  end_ = stem_ + replacement.size();
}

void Stemmer::apply_first(std::span<const Rule> rules) {
  for (const Rule& rule : rules) {
    if (!ends(rule.suffix)) continue;
    if (measure() > 0) set_suffix(rule.replacement);
    return;
  }
}

void Stemmer::plurals() {
  if (word_[end_ - 1] != 's') return;
  if (ends("sses"))
    end_ -= 2;
  else if (ends("ies"))
    set_suffix("i");
  else if (word_[end_ - 2] != 's')
    --end_;
}

void Stemmer::past_and_gerund() {
  if (ends("eed")) {
    if (measure() > 0) --end_;
  } else if ((ends("ed") || ends("ing")) && vowel_in_stem()) {
    end_ = stem_;
    restore_after_cut();
  }
}

void Stemmer::restore_after_cut() {
  if (ends("at")) return set_suffix("ate");
  if (ends("bl")) return set_suffix("ble");
  if (ends("iz")) return set_suffix("ize");
  if (double_consonant()) {
    const char last = word_[end_ - 1];
    if (last != 'l' && last != 's' && last != 'z') --end_;
    return;
  }
  stem_ = end_;
  if (measure() == 1 && ends_cvc(end_)) set_suffix("e");
}

void Stemmer::terminal_y() {
  if (ends("y") && vowel_in_stem()) word_[end_ - 1] = 'i';
}

void Stemmer::step2() {
  // "bli" and "logi" are the departures of the reference program.
  static constexpr std::array<Rule, 21> kRules{
      {{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
       {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"}, {"eli", "e"},     {"ousli", "ous"},
       {"ization", "ize"}, {"ation", "ate"},   {"ator", "ate"},  {"alism", "al"},  {"iveness", "ive"},
       {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"},  {"iviti", "ive"}, {"biliti", "ble"},
       {"logi", "log"}}};
  apply_first(kRules);
}

void Stemmer::step3() {
  static constexpr std::array<Rule, 7> kRules{{{"icate", "ic"},
                                               {"ative", ""},
                                               {"alize", "al"},
                                               {"iciti", "ic"},
                                               {"ical", "ic"},
                                               {"ful", ""},
                                               {"ness", ""}}};
  apply_first(kRules);
}

void Stemmer::step4() {
  static constexpr std::array<std::string_view, 19> kSuffixes{
      "al",  "ance", "ence", "er",  "ic",  "able", "ible", "ant", "ement", "ment",
      "ent", "ion",  "ou",   "ism", "ate", "iti",  "ous",  "ive", "ize"};
  for (const std::string_view suffix : kSuffixes) {
    if (!ends(suffix)) continue;
    if (suffix == "ion" && (stem_ == 0 || (word_[stem_ - 1] != 's' && word_[stem_ - 1] != 't'))) continue;
    if (measure() > 1) end_ = stem_;
    return;
  }
}

void Stemmer::step5() {
  stem_ = end_;
  if (word_[end_ - 1] == 'e') {
    stem_ = end_ - 1;
    const int m = measure();
    if (m > 1 || (m == 1 && !ends_cvc(end_ - 1))) --end_;
  }
  stem_ = end_;
  if (word_[end_ - 1] == 'l' && double_consonant() && measure() > 1) --end_;
}

std::size_t Stemmer::run() {
  plurals();
  past_and_gerund();
  terminal_y();
  step2();
  step3();
  step4();
  step5();
  return end_;
}

}  // namespace

std::size_t porter_stem(char* word, std::size_t length) {
  return length <= 2 ? length : Stemmer(word, length).run();
}

}  // namespace caprock::stores::text
