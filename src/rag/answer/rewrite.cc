#include "rag/answer/rewrite.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <vector>

#include "rag/answer/terms.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongestCarried = 600;    // bytes; a pasted page before "why?" must not drown it
constexpr std::size_t kEntitiesFromAnswer = 2;  // more brings more noise into the search than sense

bool in(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// Words that point at something said before. "it", "that" and "there" also stand in full questions ("Is it
// true that …"), so they count in short ones only.
constexpr auto kPointers = std::to_array<std::string_view>(
    {"he",   "she",    "it",     "they", "him",    "her",     "them",   "his",   "hers",
     "its",  "their",  "theirs", "this", "that",   "these",   "those",  "there", "then",
     "ones", "former", "latter", "same", "itself", "himself", "herself"});
constexpr auto kStrongPointers = std::to_array<std::string_view>(
    {"he", "she", "they", "him", "them", "his", "hers", "their", "theirs", "its", "former", "latter"});
constexpr auto kMonths =
    std::to_array<std::string_view>({"january", "february", "march", "april", "may", "june", "july", "august",
                                     "september", "october", "november", "december"});
constexpr auto kPersons =
    std::to_array<std::string_view>({"he", "she", "him", "her", "his", "hers", "himself", "herself"});
constexpr auto kOpeners = std::to_array<std::string_view>({"and", "but", "or", "also", "so", "then", "else"});
constexpr auto kAsides = std::to_array<std::string_view>(
    {"exactly", "precisely", "roughly",   "again",  "instead", "else",    "otherwise", "really",
     "sure",    "mean",      "elaborate", "detail", "details", "explain", "continue",  "go",
     "ok",      "okay",      "yes",       "thanks", "right",   "how",     "come"});

/// Words as typed, folded to lower case (ASCII): pointers and openers are English.
std::vector<std::string> plain_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 || u >= 0x80 || (c == '\'' && !word.empty())) {
      word += static_cast<char>(std::tolower(u));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  for (std::string& w : words) {
    if (w.ends_with("'s")) w.resize(w.size() - 2);
  }
  return words;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

/// A name or number as it stands in a text: a run of capitalised words, a year, "Boeing 737".
struct Mention {
  enum class Kind : std::uint8_t { kName, kNumber, kDate };
  std::string text;
  std::size_t start = 0;
  std::size_t end = 0;
  Kind kind = Kind::kName;
};

bool joins(std::string_view text, const Term& a, const Term& b) {
  const auto between = text.substr(a.end, b.start - a.end);
  return between == " " || between == "-" || between == ". " || between == "&";
}

bool is_month(const Term& term, std::string_view text) {
  const auto words = plain_words(text.substr(term.start, term.end - term.start));
  return !words.empty() && in(words.front(), kMonths);
}

std::vector<Mention> mentions_of(std::string_view text) {
  std::vector<Mention> found;
  const std::vector<Term> terms = terms_of(text);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const bool name = terms[i].capitalised && !terms[i].stopword;
    if (!name && !terms[i].numeric) continue;
    if (terms[i].opens && !terms[i].numeric && (i + 1 >= terms.size() || !terms[i + 1].capitalised)) {
      // The first word of a sentence has its capital anyway; alone it is a name only in a text of one word or
      // two.
      if (terms.size() > 2) continue;
    }
    std::size_t last = i;
    while (name && last + 1 < terms.size() && (terms[last + 1].capitalised || terms[last + 1].numeric) &&
           !terms[last + 1].stopword && joins(text, terms[last], terms[last + 1])) {
      ++last;
    }
    found.push_back({.text = std::string(text.substr(terms[i].start, terms[last].end - terms[i].start)),
                     .start = terms[i].start,
                     .end = terms[last].end,
                     .kind = is_month(terms[i], text) ? Mention::Kind::kDate
                             : name                   ? Mention::Kind::kName
                                                      : Mention::Kind::kNumber});
    i = last;
  }
  return found;
}

std::size_t telling_words(std::string_view text) {
  std::size_t count = 0;
  for (const Term& term : terms_of(text)) {
    const auto raw = plain_words(text.substr(term.start, term.end - term.start));
    const bool aside = !raw.empty() && (in(raw.front(), kAsides) || in(raw.front(), kPointers));
    count += term.stopword || aside ? 0 : 1;
  }
  return count;
}

bool asks_about(std::string_view question) {
  const auto words = plain_words(question);
  const auto at = [&](std::size_t i) {
    return i < words.size() ? std::string_view(words[i]) : std::string_view();
  };
  const std::size_t from = in(at(0), kOpeners) ? 1 : 0;
  return (at(from) == "what" || at(from) == "how") && at(from + 1) == "about";
}

bool opens_as_follow_up(std::string_view question) {
  const auto words = plain_words(question);
  return !words.empty() && (in(words.front(), kOpeners) || asks_about(question));
}

/// "and in 2019?": nothing but an opener, small words and one name or number, which takes the place of its
/// like in the question before.
std::optional<std::string> substituted(std::string_view question, const std::string& before) {
  const std::vector<Mention> now = mentions_of(question);
  if (now.size() != 1 || telling_words(question) > terms_of(now.front().text).size()) return std::nullopt;
  std::vector<Mention> then = mentions_of(before);
  std::erase_if(then, [&](const Mention& mention) { return mention.kind != now.front().kind; });
  if (then.size() != 1) return std::nullopt;
  return before.substr(0, then.front().start) + now.front().text + before.substr(then.front().end);
}

std::string names_from_answer(std::string_view answer, const std::string& known, bool person) {
  std::string names;
  std::size_t count = 0;
  for (const Mention& mention : mentions_of(answer.substr(0, kLongestCarried))) {
    if (mention.kind != Mention::Kind::kName || count == kEntitiesFromAnswer) continue;
    if (person && mention.text.find(' ') == std::string::npos && count > 0) continue;
    if (known.find(mention.text) != std::string::npos || names.find(mention.text) != std::string::npos)
      continue;
    names += " " + mention.text;
    ++count;
  }
  return names;
}

std::string carried(std::string_view question, const std::string& before, std::string_view answer) {
  const auto words = plain_words(question);
  const bool points = std::ranges::any_of(words, [](const std::string& word) { return in(word, kPointers); });
  const bool person = std::ranges::any_of(words, [](const std::string& word) { return in(word, kPersons); });
  std::string out = before;
  if (points) out += names_from_answer(answer, before, person);
  return out + " " + std::string(question);
}

std::string resolve(std::string_view question, const std::string& before, std::string_view answer) {
  std::string asked = trimmed(question);
  if (before.empty() || !is_follow_up(asked)) return asked;
  std::string base = before;
  if (base.size() > kLongestCarried) {
    base.resize(base.find_last_of(' ', kLongestCarried) == std::string::npos
                    ? kLongestCarried
                    : base.find_last_of(' ', kLongestCarried));
  }
  if (auto replaced = substituted(asked, base)) return *replaced;
  return carried(asked, base, answer);
}

}  // namespace

bool is_follow_up(std::string_view question) {
  const auto words = plain_words(question);
  if (words.empty()) return false;
  const std::size_t telling = telling_words(question);
  const bool names = !mentions_of(question).empty();
  const auto has = [&](std::span<const std::string_view> set) {
    return std::ranges::any_of(words, [&](const std::string& word) { return in(word, set); });
  };
  if (opens_as_follow_up(question)) return true;
  if (telling == 0) return true;
  if (has(kStrongPointers) && !names) return telling <= 5;
  if (has(kPointers) && !names) return telling <= 3;
  // "Which month?", "How many fatalities?": a question word and next to nothing to search for.
  return telling <= 1 && words.size() <= 4 && !names;
}

std::string stand_alone(std::string_view question, std::span<const Turn> history) {
  std::string before;
  std::string_view answer;
  for (const Turn& turn : history) {
    before = resolve(turn.question, before, answer);
    answer = turn.answer;
  }
  return resolve(question, before, answer);
}

}  // namespace caprock::rag
