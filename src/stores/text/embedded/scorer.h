#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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
  double weight = 0;  ///< sum of the chunk_idf of the question's terms, also of those that no passage has
};

/// Where the plan's terms are in a segment, in order; looked up once a question.
using FoundTerms = std::vector<std::optional<TermEntry>>;
FoundTerms find_terms(const Segment& segment, const SearchPlan& plan);

/// Whether a document may be among the results, by its number: it lives and fulfils the filter. Empty: all
/// may.
using Admits = std::function<bool(std::uint32_t document)>;

/// Offers the best passages of a segment to `top`, as if every posting were scored, but skipping what cannot
/// come among the best: MaxScore (Turtle & Flood 1995) over windows of chunks with block-wise bounds (Ding &
/// Suel 2011).
void score_segment(const Segment& segment, const SearchPlan& plan, const FoundTerms& found,
                   const Admits& admits, std::uint32_t source, TopK& top);
/// The same over a memory table, which is small: every posting.
void score_memtable(const Memtable& table, const SearchPlan& plan, const Admits& admits, std::uint32_t source,
                    TopK& top);

/// What else is told of a hit.
struct HitDetail {
  double document_score = 0;  ///< BM25 of the whole document
  double coverage = 0;        ///< share of the plan's weight that the passage's words have
};
/// Of chunks in rising order.
std::vector<HitDetail> details(const Segment& segment, const SearchPlan& plan, const FoundTerms& found,
                               std::span<const std::uint32_t> chunks);
std::vector<HitDetail> details(const Memtable& table, const SearchPlan& plan,
                               std::span<const std::uint32_t> chunks);

}  // namespace caprock::stores::text
