#include "rag/retrieve/local_reranker.h"

#include <algorithm>
#include <unordered_map>

#include "stores/text/embedded/analyzer.h"

namespace caprock::rag {
namespace {

using Places = std::vector<int>;  ///< of a passage's terms: which word of the question stands there, or -1

Places locate(const std::vector<std::string>& words, std::string_view passage) {
  std::unordered_map<std::string_view, int> numbers;
  for (std::size_t i = 0; i < words.size(); ++i) numbers.emplace(words[i], static_cast<int>(i));
  stores::text::TermList terms;
  stores::text::analyze(passage, terms);
  Places places;
  places.reserve(terms.size());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto found = numbers.find(terms[i]);
    places.push_back(found == numbers.end() ? -1 : found->second);
  }
  return places;
}

/// Share of the question's neighbouring words that are neighbours here too, a small word between them
/// allowed.
double phrases(std::size_t words, const Places& places) {
  if (words < 2) return 0;
  std::vector<bool> seen(words - 1);
  for (std::size_t i = 0; i < places.size(); ++i)
    for (std::size_t j = i + 1; j < std::min(places.size(), i + 3); ++j)
      if (places[i] >= 0 && places[j] == places[i] + 1) seen[static_cast<std::size_t>(places[i])] = true;
  return static_cast<double>(std::ranges::count(seen, true)) / static_cast<double>(seen.size());
}

/// The number of distinct words in the shortest window that has all those that occur, over the window's
/// length.
double proximity(std::size_t words, const Places& places) {
  std::vector<int> counts(words, 0);
  for (const int place : places)
    if (place >= 0) ++counts[static_cast<std::size_t>(place)];
  const auto present =
      static_cast<std::size_t>(std::ranges::count_if(counts, [](int count) { return count > 0; }));
  if (present < 2) return 0;
  std::ranges::fill(counts, 0);
  std::size_t shortest = places.size();
  std::size_t inside = 0;
  for (std::size_t begin = 0, end = 0; end < places.size(); ++end) {
    if (places[end] >= 0 && counts[static_cast<std::size_t>(places[end])]++ == 0) ++inside;
    for (; inside == present; ++begin) {
      shortest = std::min(shortest, end - begin + 1);
      if (places[begin] >= 0 && --counts[static_cast<std::size_t>(places[begin])] == 0) --inside;
    }
  }
  const double tight = static_cast<double>(present) / static_cast<double>(shortest);
  return tight * static_cast<double>(present) / static_cast<double>(words);
}

/// Share of the question's numbers that occur; 0 when it has none.
double numbers(const std::vector<std::string>& words, const Places& places) {
  double asked = 0;
  double found = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].front() < '0' || words[i].front() > '9') continue;
    asked += 1;
    found += std::ranges::find(places, static_cast<int>(i)) != places.end() ? 1 : 0;
  }
  return asked == 0 ? 0 : found / asked;
}

}  // namespace

double exactness(std::string_view question, std::string_view passage) {
  const std::vector<std::string> words = stores::text::analyze_query(question);
  if (words.empty()) return 0;
  const Places places = locate(words, passage);
  return (phrases(words.size(), places) + proximity(words.size(), places) + numbers(words, places)) / 3;
}

base::Awaitable<base::Result<std::vector<double>>> LocalReranker::rerank(const base::RequestContext&,
                                                                         std::string query,
                                                                         std::vector<std::string> passages) {
  // The order that fusion found counts as much as exact matches do.
  std::vector<double> scores;
  scores.reserve(passages.size());
  for (std::size_t i = 0; i < passages.size(); ++i)
    scores.push_back(1 / (1 + static_cast<double>(i) / 4) + exactness(query, passages[i]));
  co_return scores;
}

}  // namespace caprock::rag
