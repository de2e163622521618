#include "rag/answer/selection.h"

#include <algorithm>
#include <numeric>
#include <ranges>
#include <tuple>

#include "base/utf8.h"
#include "rag/answer/page_place.h"

namespace caprock::rag {
namespace {

// A further sentence must be at least this likely relative to the best: below, it only dilutes the answer.
constexpr double kWorthReading = 0.12;
// Two sentences that share this much of their words say the same (boilerplate that many documents repeat).
constexpr double kSameWords = 0.8;

double shared_words(const Candidate& a, const Candidate& b) {
  std::size_t both = 0;
  for (const std::string& word : a.words) both += std::ranges::binary_search(b.words, word) ? 1 : 0;
  const std::size_t either = a.words.size() + b.words.size() - both;
  return either == 0 ? 1.0 : static_cast<double>(both) / static_cast<double>(either);
}

std::vector<std::size_t> by_score(std::span<const Candidate> candidates) {
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::tuple(-candidates[i].score, i); });
  return order;
}

}  // namespace

std::vector<std::size_t> choose_sentences(std::span<const Candidate> candidates, std::size_t limit) {
  std::vector<std::size_t> chosen;
  for (const std::size_t i : by_score(candidates)) {
    if (chosen.size() == limit) break;
    if (!chosen.empty() && candidates[i].score < kWorthReading * candidates[chosen.front()].score) break;
    const bool repeats = std::ranges::any_of(chosen, [&](std::size_t other) {
      return shared_words(candidates[i], candidates[other]) >= kSameWords;
    });
    if (!repeats) chosen.push_back(i);
  }
  // `chosen` is by score here, so the first sentence of a passage tells the passage's place.
  std::vector<std::size_t> place(candidates.size());
  for (std::size_t rank = 0; rank < chosen.size(); ++rank) {
    const auto first = std::ranges::find_if(chosen, [&](std::size_t other) {
      return candidates[other].passage == candidates[chosen[rank]].passage;
    });
    place[chosen[rank]] = static_cast<std::size_t>(first - chosen.begin());
  }
  std::ranges::sort(chosen, {},
                    [&](std::size_t i) { return std::tuple(place[i], candidates[i].span.start); });
  return chosen;
}

std::vector<Candidate> worth_embedding(std::vector<Candidate> candidates, std::size_t limit) {
  if (candidates.size() <= limit) return candidates;
  const std::vector<std::size_t> order = by_score(candidates);
  std::vector<bool> keep(candidates.size());
  for (const std::size_t i : order | std::views::take(limit)) keep[i] = true;
  std::vector<Candidate> kept;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (keep[i]) kept.push_back(std::move(candidates[i]));
  }
  return kept;
}

CitedText cite(std::span<const Candidate> candidates, std::span<const std::size_t> chosen,
               std::span<const Passage> passages) {
  CitedText out;
  std::uint32_t points = 0;
  for (const std::size_t i : chosen) {
    const Candidate& it = candidates[i];
    const Passage& passage = passages[it.passage];
    const auto number = static_cast<std::uint32_t>(out.citations.size()) + 1;
    if (!out.text.empty()) out.text += ' ', ++points;
    const auto length = static_cast<std::uint32_t>(base::count_code_points(it.text));
    const std::string mark = " [" + std::to_string(number) + "]";
    out.text += it.text + mark;
    out.citations.push_back(
        {.number = number,
         .answer_span = {points, points + length},
         .chunk = passage.key,
         .quote = passage.chunk.content.substr(it.bytes.start, it.bytes.end - it.bytes.start),
         .source_span = it.span,
         .title = passage.title,
         .source = passage.source,
         .page = {},
         .boxes = {}});
    place_on_page(out.citations.back(), passage.chunk);
    points += length + static_cast<std::uint32_t>(mark.size());
  }
  return out;
}

}  // namespace caprock::rag
