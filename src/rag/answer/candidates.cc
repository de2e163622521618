#include "rag/answer/candidates.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongestUnit = 450;  // bytes; the longest plain sentence of XQuAD has 420
constexpr std::size_t kPairWindow = 4;     // words between two words that stand together in the question

bool has_word(const std::vector<std::string>& sorted, std::string_view word) {
  return std::ranges::binary_search(sorted, word, std::less<>());
}

std::vector<std::string> words_of(const std::vector<Term>& terms) {
  std::vector<std::string> words;
  for (const Term& term : terms) {
    if (!term.stopword) words.push_back(term.text);
  }
  std::ranges::sort(words);
  words.erase(std::ranges::unique(words).begin(), words.end());
  return words;
}

std::string collapse_space(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// A candidate while it is measured.
struct Unit {
  Candidate candidate;
  std::vector<Term> terms;
};

/// How much each telling word of the question says: rare among the sentences at hand, or a name or number.
class Weights {
 public:
  Weights(const Question& question, const std::vector<Unit>& units) : question_(question) {
    for (std::size_t i = 0; i < question.content.size(); ++i) {
      const auto holding = std::ranges::count_if(
          units, [&](const Unit& unit) { return has_word(unit.candidate.words, question.content[i]); });
      const double idf =
          std::log(1.0 + (static_cast<double>(units.size()) + 0.5) / (static_cast<double>(holding) + 0.5));
      weights_.push_back(idf * (question.entity[i] ? 1.5 : 1.0));
    }
  }

  template <class Holds>
  double coverage(Holds holds, bool entities_only = false) const {
    double total = 0;
    double found = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      if (entities_only && !question_.entity[i]) continue;
      total += weights_[i];
      if (holds(question_.content[i])) found += weights_[i];
    }
    return total > 0 ? found / total : (entities_only ? 1.0 : 0.0);
  }

 private:
  const Question& question_;
  std::vector<double> weights_;
};

double pair_share(const Question& question, const std::vector<Term>& terms) {
  if (question.content.size() < 2) return 0;
  std::size_t found = 0;
  for (std::size_t q = 0; q + 1 < question.content.size(); ++q) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (terms[i].text != question.content[q]) continue;
      const std::size_t from = i > kPairWindow ? i - kPairWindow : 0;
      const std::size_t to = std::min(terms.size(), i + kPairWindow + 1);
      const auto near = std::span(terms).subspan(from, to - from);
      if (std::ranges::any_of(near, [&](const Term& t) { return t.text == question.content[q + 1]; })) {
        ++found;
        break;
      }
    }
  }
  return static_cast<double>(found) / static_cast<double>(question.content.size() - 1);
}

void append_units(std::vector<Unit>& units, const Passage& passage, std::size_t index) {
  const std::string_view content = passage.chunk.content;
  std::size_t bytes = 0;
  std::uint32_t points = passage.chunk.span.start;
  for (const ByteSpan span : answer_units(content)) {
    const std::string_view text = content.substr(span.start, span.end - span.start);
    points += static_cast<std::uint32_t>(base::count_code_points(content.substr(bytes, span.start - bytes)));
    const auto length = static_cast<std::uint32_t>(base::count_code_points(text));
    bytes = span.start;
    Unit unit{.candidate = {.passage = index, .bytes = span, .span = {points, points + length}},
              .terms = terms_of(text)};
    unit.candidate.text = collapse_space(text);
    unit.candidate.words = words_of(unit.terms);
    if (!unit.candidate.words.empty()) units.push_back(std::move(unit));
  }
}

bool same_place(const Candidate& a, const Candidate& b, std::span<const Passage> passages) {
  const stores::ChunkKey& left = passages[a.passage].key;
  const stores::ChunkKey& right = passages[b.passage].key;
  if (left.document != right.document || left.version != right.version) return false;
  const auto start = std::max(a.span.start, b.span.start);
  const auto end = std::min(a.span.end, b.span.end);
  if (end <= start) return false;
  return 2 * (end - start) > std::min(a.span.end - a.span.start, b.span.end - b.span.start);
}

/// Chunks overlap: of two readings of one sentence the longer one stays (the other was cut), else the first.
void drop_repeats(std::vector<Unit>& units, std::span<const Passage> passages) {
  std::vector<Unit> kept;
  for (Unit& unit : units) {
    const auto twin = std::ranges::find_if(
        kept, [&](const Unit& other) { return same_place(unit.candidate, other.candidate, passages); });
    if (twin == kept.end()) {
      kept.push_back(std::move(unit));
    } else if (unit.candidate.span.end - unit.candidate.span.start >
               twin->candidate.span.end - twin->candidate.span.start) {
      *twin = std::move(unit);
    }
  }
  units = std::move(kept);
}

/// A line of its own without a full stop, whose telling words all begin with a capital or a digit.
bool looks_like_heading(std::string_view content, const Unit& unit) {
  constexpr std::size_t kMostWords = 12;
  const auto [start, end] = unit.candidate.bytes;
  const bool own_line =
      (start == 0 || content[start - 1] == '\n') && (end == content.size() || content[end] == '\n');
  const std::string_view text = content.substr(start, end - start);
  if (!own_line || unit.terms.size() > kMostWords || text.find_first_of(".!?:;|=,") != std::string_view::npos)
    return false;
  return std::ranges::all_of(
      unit.terms, [](const Term& term) { return term.stopword || term.capitalised || term.numeric; });
}

/// A heading that says what the question says is no answer to it. One that says something else ("Gustave
/// Eiffel") may be.
void drop_echoing_headings(std::vector<Unit>& units, std::span<const Passage> passages,
                           const Question& question) {
  std::vector<std::string> asked = question.content;
  std::ranges::sort(asked);
  const auto echoes = [&](const Unit& unit) {
    if (!looks_like_heading(passages[unit.candidate.passage].chunk.content, unit)) return false;
    const auto& words = unit.candidate.words;
    const auto known =
        std::ranges::count_if(words, [&](const std::string& word) { return has_word(asked, word); });
    return 2 * static_cast<std::size_t>(known) >= words.size();
  };
  std::erase_if(units, echoes);
}

std::vector<std::vector<std::string>> passage_words(std::span<const Passage> passages) {
  std::vector<std::vector<std::string>> words;
  for (const Passage& passage : passages) {
    words.push_back(
        words_of(terms_of(passage.title + "\n" + passage.chunk.context + "\n" + passage.chunk.content)));
  }
  return words;
}

class Measure {
 public:
  Measure(const Question& question, std::span<const Passage> passages, const std::vector<Unit>& units)
      : question_(question), passages_(passages), weights_(question, units), words_(passage_words(passages)) {
    for (const Passage& passage : passages) best_ = std::max(best_, passage.score);
  }

  Features of(const std::vector<Unit>& units, std::size_t i) const {
    const Candidate& it = units[i].candidate;
    const auto in_it = [&](std::string_view word) { return has_word(it.words, word); };
    const auto near = [&](std::string_view word) {
      return in_it(word) || (beside(units, i, -1) && has_word(units[i - 1].candidate.words, word)) ||
             (beside(units, i, 1) && has_word(units[i + 1].candidate.words, word));
    };
    const Passage& passage = passages_[it.passage];
    Features f{};
    f[kCoverage] = weights_.coverage(in_it);
    f[kEntityCoverage] = weights_.coverage(near, true);
    f[kNearCoverage] = weights_.coverage(near) - f[kCoverage];
    f[kPairs] = pair_share(question_, units[i].terms);
    f[kCue] = answer_cue(question_, units[i].terms);
    f[kPassageCoverage] =
        weights_.coverage([&](std::string_view word) { return has_word(words_[it.passage], word); });
    f[kPassageScore] = best_ > 0 ? passage.score / best_ : 0;
    f[kFirstPassage] = it.passage == 0 ? 1 : 0;
    f[kLength] = std::log2(1.0 + static_cast<double>(it.words.size())) / 6.0;
    f[kPassageCosine] = passage.cosine.value_or(0);
    return f;
  }

 private:
  static bool beside(const std::vector<Unit>& units, std::size_t i, int step) {
    const auto other = static_cast<std::ptrdiff_t>(i) + step;
    return other >= 0 && other < static_cast<std::ptrdiff_t>(units.size()) &&
           units[static_cast<std::size_t>(other)].candidate.passage == units[i].candidate.passage;
  }

  const Question& question_;
  std::span<const Passage> passages_;
  Weights weights_;
  std::vector<std::vector<std::string>> words_;
  double best_ = 0;
};

std::size_t cut_before(std::string_view text, std::size_t limit) {
  for (const std::string_view mark : {"\n", "; ", ": ", ", ", " "}) {
    const std::size_t at = text.substr(0, limit).rfind(mark);
    if (at != std::string_view::npos && at > limit / 4) return at + mark.size();
  }
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return limit;
}

ByteSpan trimmed(std::string_view text, ByteSpan span) {
  const auto space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (span.start < span.end && space(text[span.start])) ++span.start;
  while (span.end > span.start && space(text[span.end - 1])) --span.end;
  return span;
}

}  // namespace

std::vector<ByteSpan> answer_units(std::string_view text) {
  std::vector<ByteSpan> units;
  for (ByteSpan span : split_sentences(text)) {
    while (span.end - span.start > kLongestUnit) {
      const std::size_t cut =
          span.start + cut_before(text.substr(span.start, span.end - span.start), kLongestUnit);
      units.push_back(trimmed(text, {span.start, cut}));
      span.start = cut;
    }
    units.push_back(trimmed(text, span));
  }
  std::erase_if(units, [](const ByteSpan& span) { return span.start >= span.end; });
  return units;
}

std::vector<Candidate> collect_candidates(const Question& question, std::span<const Passage> passages,
                                          std::size_t max_passages) {
  passages = passages.first(std::min(passages.size(), max_passages));
  std::vector<Unit> units;
  for (std::size_t i = 0; i < passages.size(); ++i) append_units(units, passages[i], i);
  drop_repeats(units, passages);
  drop_echoing_headings(units, passages, question);
  const Measure measure(question, passages, units);
  for (std::size_t i = 0; i < units.size(); ++i) units[i].candidate.features = measure.of(units, i);
  std::vector<Candidate> candidates;
  candidates.reserve(units.size());
  for (Unit& unit : units) candidates.push_back(std::move(unit.candidate));
  return candidates;
}

}  // namespace caprock::rag
