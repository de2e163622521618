#include "rag/retrieve/fusion.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace caprock::rag {
namespace {

/// A hit that covers so much of the question's weight is no chance.
constexpr double kTellingCoverage = 0.5;

double damping(double coverage) { return std::min(1.0, coverage / kTellingCoverage); }

/// A passage with what both indexes say of it.
struct Evidence {
  Fused fused;
  double text = 0;  ///< 0–1 among the text hits
  double coverage = 0;
};

/// Best first; equals in order of their keys, so that an answer does not depend on how it was found.
template <class Score>
void sort_by(std::vector<Evidence>& all, Score score) {
  std::ranges::sort(all, [&](const Evidence& a, const Evidence& b) {
    return score(a) != score(b) ? score(a) > score(b) : a.fused.key < b.fused.key;
  });
}

/// The mean of the passage's and its document's score, each divided by the best of its kind.
std::vector<double> text_scores(std::span<const stores::IndexHit> hits) {
  double best_passage = 0;
  double best_document = 0;
  for (const auto& hit : hits) {
    best_passage = std::max(best_passage, hit.score);
    best_document = std::max(best_document, hit.document_score);
  }
  std::vector<double> scores;
  scores.reserve(hits.size());
  for (const auto& hit : hits) {
    const double passage = best_passage > 0 ? hit.score / best_passage : 0;
    scores.push_back(best_document > 0 ? (passage + hit.document_score / best_document) / 2 : passage);
  }
  const double best = scores.empty() ? 0 : *std::ranges::max_element(scores);
  for (double& score : scores) score = best > 0 ? score / best : 0;
  return scores;
}

/// The text hits in the order of their combined scores, then the vector hits that are not among them.
std::vector<Evidence> gather(const FusionInput& input) {
  std::vector<Evidence> all;
  std::map<stores::ChunkKey, std::size_t> places;
  const std::vector<double> scores = text_scores(input.text);
  for (std::size_t i = 0; i < input.text.size(); ++i) {
    const stores::IndexHit& hit = input.text[i];
    Evidence evidence{
        .fused = {.key = hit.key, .bm25 = hit.score}, .text = scores[i], .coverage = hit.coverage};
    if (i < input.text_cosines.size() && !std::isnan(input.text_cosines[i]))
      evidence.fused.cosine = input.text_cosines[i];
    if (places.emplace(hit.key, all.size()).second) all.push_back(std::move(evidence));
  }
  sort_by(all, [](const Evidence& evidence) { return evidence.text; });
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].fused.text_rank = static_cast<std::uint32_t>(i + 1);
    places[all[i].fused.key] = i;
  }
  for (std::size_t i = 0; i < input.vectors.size(); ++i) {
    const stores::IndexHit& hit = input.vectors[i];
    const auto [place, fresh] = places.emplace(hit.key, all.size());
    if (fresh) all.push_back({.fused = {.key = hit.key}});
    Fused& fused = all[place->second].fused;
    fused.cosine = hit.score;
    fused.vector_rank = static_cast<std::uint32_t>(i + 1);
  }
  return all;
}

void weigh(std::vector<Evidence>& all, const FusionRule& rule) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  double best_coverage = 0;
  bool vectors = false;
  for (const Evidence& evidence : all) {
    best_coverage = std::max(best_coverage, evidence.coverage);
    if (!evidence.fused.cosine) continue;
    vectors = true;
    low = std::min(low, *evidence.fused.cosine);
    high = std::max(high, *evidence.fused.cosine);
  }
  const double text_weight = vectors ? 1 - rule.dense_weight : 1.0;
  for (Evidence& evidence : all) {
    const bool words_only = vectors && !evidence.fused.vector_rank;
    const double text = evidence.text * damping(words_only ? evidence.coverage : best_coverage);
    const double dense = evidence.fused.cosine && high > low ? (*evidence.fused.cosine - low) / (high - low)
                                                             : vectors && high == low;
    evidence.fused.score =
        text_weight * text + (vectors && evidence.fused.cosine ? rule.dense_weight * dense : 0.0);
  }
}

void rank(std::vector<Evidence>& all, const FusionRule& rule) {
  const double best = 2 / (rule.rrf_k + 1);
  for (Evidence& evidence : all) {
    double sum = 0;
    if (evidence.fused.text_rank) sum += 1 / (rule.rrf_k + *evidence.fused.text_rank);
    if (evidence.fused.vector_rank) sum += 1 / (rule.rrf_k + *evidence.fused.vector_rank);
    evidence.fused.score = sum / best;
  }
}

}  // namespace

std::vector<Fused> fuse(const FusionInput& input, const FusionRule& rule) {
  std::vector<Evidence> all = gather(input);
  std::erase_if(all, [&](const Evidence& evidence) {
    return !evidence.fused.text_rank && evidence.fused.cosine &&
           *evidence.fused.cosine < rule.similarity_threshold;
  });
  rule.reciprocal_ranks ? rank(all, rule) : weigh(all, rule);
  sort_by(all, [](const Evidence& evidence) { return evidence.fused.score; });
  std::vector<Fused> list;
  list.reserve(all.size());
  for (Evidence& evidence : all) list.push_back(std::move(evidence.fused));
  return list;
}

}  // namespace caprock::rag
