#pragma once

#include <cstddef>
#include <vector>

#include "stores/search_index.h"
#include "stores/text/embedded/collection.h"
#include "stores/text/embedded/scorer.h"

namespace caprock::stores::text {

/// One question over one snapshot of a collection. A large one is scored in parts, which several threads may
/// take: what one finds raises the bar of the others. However it is divided, the hits are the same but for
/// the order of equals.
class Search {
 public:
  struct Division {
    std::size_t threads = 1;        ///< at most as many parts
    std::uint32_t from_chunks = 0;  ///< in segments; a smaller collection is one part
  };
  /// Looks the words up. Both references outlive it.
  Search(const Collection& collection, const TextQuery& query, const Division& division);

  std::size_t parts() const { return parts_.size(); }  ///< ≥ 1
  /// Each once, on any thread.
  void score(std::size_t part);
  /// When all are scored.
  std::vector<IndexHit> hits();

 private:
  SearchPlan make_plan();
  void divide(const Division& division);
  void resolve(std::uint32_t source);
  template <class Source>
  void resolve_in(std::uint32_t source, const Source& from);
  std::vector<HitDetail> details_in(const Segment& from, std::uint32_t source,
                                    std::span<const std::uint32_t> chunks) const;
  std::vector<HitDetail> details_in(const Memtable& from, std::uint32_t source,
                                    std::span<const std::uint32_t> chunks) const;

  const Collection& collection_;
  const TextQuery& query_;
  Snapshot snapshot_;
  std::vector<FoundTerms> found_;  ///< of each segment
  SearchPlan plan_;
  // Sources are numbered: segments, frozen tables, the active table.
  std::vector<std::vector<std::uint32_t>> parts_;  ///< segments of each, rising
  ScoreFloor floor_;
  std::vector<TopK> top_;  ///< of each part, and of the tables
  std::vector<Candidate> candidates_;
  std::vector<IndexHit> hits_;
};

}  // namespace caprock::stores::text
