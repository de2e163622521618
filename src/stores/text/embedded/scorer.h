#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "stores/text/embedded/bm25.h"
#include "stores/text/embedded/memtable.h"
#include "stores/text/embedded/segment.h"
#include "stores/text/embedded/top_k.h"

namespace caprock::stores::text {

struct PlannedTerm {
  std::string term;
  double chunk_idf = 0;
  double document_idf = 0;
};

/// A question under the statistics of its collection.
struct SearchPlan {
  std::vector<PlannedTerm> terms;
  LengthNorm chunk_norm;
  LengthNorm document_norm;
};

/// Whether a document may be among the results, by its number: it lives and fulfils the filter.
using Admits = std::function<bool(std::uint32_t document)>;

/// Offers the best passages of a segment to `top`, as if every posting were scored, but skipping what cannot
/// come among the best: MaxScore (Turtle & Flood 1995) over windows of chunks with block-wise bounds (Ding &
/// Suel 2011).
void score_segment(const Segment& segment, const SearchPlan& plan, const Admits& admits, std::uint32_t source,
                   TopK& top);
/// The same over a memory table, which is small: every posting.
void score_memtable(const Memtable& table, const SearchPlan& plan, const Admits& admits, std::uint32_t source,
                    TopK& top);

/// BM25 of whole documents, by their numbers in rising order.
std::vector<double> document_scores(const Segment& segment, const SearchPlan& plan,
                                    std::span<const std::uint32_t> documents);
std::vector<double> document_scores(const Memtable& table, const SearchPlan& plan,
                                    std::span<const std::uint32_t> documents);

}  // namespace caprock::stores::text
