#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stores/search_index.h"

namespace caprock::rag {

/// A passage that one index or both found.
struct Fused {
  stores::ChunkKey key;
  double score = 0;                        ///< 0–1
  double bm25 = 0;                         ///< raw; 0 when it was no text hit
  std::optional<double> cosine;            ///< raw; the true one also of text hits, where the index knows it
  std::optional<std::uint32_t> text_rank;  ///< from 1
  std::optional<std::uint32_t> vector_rank;  ///< from 1
};

struct FusionInput {
  std::vector<stores::IndexHit> text;     ///< best first
  std::vector<stores::IndexHit> vectors;  ///< best first
  /// The true cosine of each text hit, in order; NaN where there is no vector. Empty: not known.
  std::vector<float> text_cosines;
};

struct FusionRule {
  bool reciprocal_ranks = false;  ///< else weighted scores
  double dense_weight = 0.5;      ///< a of a·dense + (1−a)·text
  double rrf_k = 60;
  double similarity_threshold = 0;  ///< raw cosine below which a vector hit alone does not count
};

/// One list, best first, of every passage that counts.
///
/// Weighted: `dense` is the cosine, min-max over all cosines that are known (of vector hits and of text hits
/// alike); `text` the mean of the passage's and its document's BM25, each divided by the best. Two dampings,
/// for dividing by the best makes even a chance hit 1: all texts' scores are scaled down when the best hit
/// covers less than half of the question; so is each hit that only its words speak for. Reciprocal ranks: Σ
/// 1/(k + rank), scaled so that first in both lists is 1 (Cormack et al. 2009).
std::vector<Fused> fuse(const FusionInput& input, const FusionRule& rule);

}  // namespace caprock::rag
