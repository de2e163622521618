#include "rag/answer/question.h"

#include <algorithm>
#include <string>
#include <utility>

namespace caprock::rag {
namespace {

/// A set of words in their comparable form.
class WordSet {
 public:
  explicit WordSet(std::string_view words) {
    for (const Term& term : terms_of(words)) words_.push_back(term.text);
    std::ranges::sort(words_);
  }
  bool has(std::string_view word) const { return std::ranges::binary_search(words_, word); }

 private:
  std::vector<std::string> words_;
};

struct Lexicon {
  WordSet months{"january february march april may june july august september october november december"};
  WordSet date_words{
      "century decade monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter "
      "today yesterday morning afternoon evening midnight noon"};
  WordSet number_words{
      "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
      "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand "
      "million "
      "billion trillion half third quarter dozen zero twice single both percent no none several"};
  WordSet reason_words{
      "because cause due result reason led lead since owing therefore purpose order avoid prevent attribute "
      "contribute"};
  WordSet place_prepositions{
      "in at near from to outside across along around toward towards behind beneath through under between on "
      "within "
      "into"};
  WordSet measures{
      "many much old long far often large big high tall deep fast heavy wide few frequently close"};
  WordSet quantity_nouns{
      "percentage percent number amount rate size cost price population age height weight length width area "
      "temperature speed distance total value ratio proportion share fraction depth capacity altitude score"};
  WordSet date_nouns{"year date month day century decade time era season"};
  WordSet person_nouns{
      "person man woman author leader president king queen player actor scientist inventor director pilot "
      "physicist "
      "mathematician singer composer"};
  WordSet place_nouns{
      "city country place state town region continent location river airport street county province village"};
};

const Lexicon& lexicon() {
  static const Lexicon kWords;
  return kWords;
}

AnswerType type_of_noun(std::string_view noun) {
  if (lexicon().date_nouns.has(noun)) return AnswerType::kDate;
  if (lexicon().quantity_nouns.has(noun)) return AnswerType::kNumber;
  if (lexicon().person_nouns.has(noun)) return AnswerType::kPerson;
  if (lexicon().place_nouns.has(noun)) return AnswerType::kPlace;
  return AnswerType::kAny;
}

AnswerType type_after_how(std::string_view word) {
  return lexicon().measures.has(word) ? AnswerType::kNumber : AnswerType::kAny;
}

AnswerType type_after_what(const std::vector<Term>& terms, std::size_t what) {
  // "what year", "which Swiss city", "what is the population of": the first known noun within a few words.
  for (std::size_t i = what + 1; i < terms.size() && i <= what + 5; ++i) {
    if (const AnswerType type = type_of_noun(terms[i].text); type != AnswerType::kAny) return type;
    if (i > what + 1 && terms[i].text == "of") break;
  }
  return AnswerType::kAny;
}

AnswerType type_of(const std::vector<Term>& terms) {
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const std::string_view word = terms[i].text;
    if (word == "who" || word == "whom" || word == "whose") return AnswerType::kPerson;
    if (word == "when") return AnswerType::kDate;
    if (word == "where") return AnswerType::kPlace;
    if (word == "why") return AnswerType::kReason;
    if (word == "how") return i + 1 < terms.size() ? type_after_how(terms[i + 1].text) : AnswerType::kAny;
    if (word == "what" || word == "which") return type_after_what(terms, i);
  }
  return AnswerType::kAny;
}

bool is_year(std::string_view word) {
  if (word.size() < 4) return false;
  const auto head = word.substr(0, 4);
  if (!std::ranges::all_of(head, [](char c) { return c >= '0' && c <= '9'; })) return false;
  return (head[0] == '1' || (head[0] == '2' && head[1] <= '1')) &&
         (word.size() == 4 || word.substr(4) == "s");
}

bool asked(const Question& question, std::string_view word) {
  return std::ranges::find(question.content, word) != question.content.end();
}

bool cues_name(const Question& question, const std::vector<Term>& sentence) {
  return std::ranges::any_of(sentence,
                             [&](const Term& term) {
                               return term.capitalised && !term.stopword && !asked(question, term.text) &&
                                      (!term.opens || sentence.size() < 4);
                             }) ||
         (!sentence.empty() && sentence.front().capitalised && !sentence.front().stopword &&
          !asked(question, sentence.front().text));
}

bool cues_place(const Question& question, const std::vector<Term>& sentence) {
  for (std::size_t i = 0; i + 1 < sentence.size(); ++i) {
    if (!lexicon().place_prepositions.has(sentence[i].text)) continue;
    const std::size_t noun = sentence[i + 1].text == "the" && i + 2 < sentence.size() ? i + 2 : i + 1;
    if (sentence[noun].capitalised && !sentence[noun].stopword && !asked(question, sentence[noun].text))
      return true;
  }
  return false;
}

bool cues(const Question& question, const std::vector<Term>& sentence) {
  const auto any = [&](auto matches) {
    return std::ranges::any_of(
        sentence, [&](const Term& term) { return matches(term) && !asked(question, term.text); });
  };
  switch (question.type) {
    case AnswerType::kNumber:
      return any([](const Term& term) { return term.numeric || lexicon().number_words.has(term.text); });
    case AnswerType::kDate:
      return any([](const Term& term) {
        return is_year(term.text) || (term.capitalised && lexicon().months.has(term.text)) ||
               lexicon().date_words.has(term.text);
      });
    case AnswerType::kPerson:
      return cues_name(question, sentence);
    case AnswerType::kPlace:
      return cues_place(question, sentence);
    case AnswerType::kReason:
      return any([](const Term& term) { return lexicon().reason_words.has(term.text); });
    case AnswerType::kAny:
      break;
  }
  return false;
}

}  // namespace

Question analyse_question(std::string_view text, std::string_view focus) {
  const std::vector<Term> terms = terms_of(text);
  Question question{.text = std::string(text)};
  if (!focus.empty()) question.type = type_of(terms_of(focus));
  if (question.type == AnswerType::kAny) question.type = type_of(terms);
  for (const Term& term : terms) {
    if (term.stopword || asked(question, term.text)) continue;
    question.content.push_back(term.text);
    question.shown.emplace_back(text.substr(term.start, term.end - term.start));
    question.entity.push_back(term.numeric || (term.capitalised && !term.opens));
  }
  return question;
}

double answer_cue(const Question& question, const std::vector<Term>& sentence) {
  if (question.type == AnswerType::kAny) return 0.5;
  return cues(question, sentence) ? 1.0 : 0.0;
}

}  // namespace caprock::rag
