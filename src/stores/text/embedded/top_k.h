#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace caprock::stores::text {

struct Candidate {
  double score = 0;
  std::uint32_t source = 0;  ///< which memory table or segment
  std::uint32_t chunk = 0;
  /// Better first; equal scores in order of place, so that results do not depend on how they were found.
  bool before(const Candidate& other) const {
    if (score != other.score) return score > other.score;
    return source != other.source ? source < other.source : chunk < other.chunk;
  }
};

/// Keeps the k best. Sources must be offered in rising order, chunks too within a source.
class TopK {
 public:
  explicit TopK(std::size_t k) : k_(k) { heap_.reserve(std::min<std::size_t>(k, 1024)); }

  /// A candidate must score above this to matter.
  double threshold() const { return heap_.size() < k_ || heap_.empty() ? 0.0 : heap_.front().score; }

  void offer(const Candidate& candidate) {
    const auto worse = [](const Candidate& a, const Candidate& b) { return a.before(b); };
    if (heap_.size() == k_) {
      if (k_ == 0 || candidate.score <= heap_.front().score) return;
      std::ranges::pop_heap(heap_, worse);
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::ranges::push_heap(heap_, worse);
  }

  std::vector<Candidate> best_first() && {
    std::ranges::sort(heap_, [](const Candidate& a, const Candidate& b) { return a.before(b); });
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  std::vector<Candidate> heap_;
};

}  // namespace caprock::stores::text
