#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
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

/// What the k-th best of some search scores at least, known to all who search a part of the same. Only rises.
class ScoreFloor {
 public:
  double load() const { return score_.load(std::memory_order_relaxed); }
  void raise(double score) {
    double before = load();
    while (before < score && !score_.compare_exchange_weak(before, score, std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<double> score_ = 0;
};

/// Keeps the k best. Sources must be offered in rising order, chunks too within a source.
class TopK {
 public:
  /// `floor`, where there are several, outlives it.
  explicit TopK(std::size_t k, ScoreFloor* floor = nullptr) : k_(k), floor_(floor) {
    heap_.reserve(std::min<std::size_t>(k, 1024));
  }

  /// A candidate must score above this to matter: than the k-th here, and no less than the k-th elsewhere.
  double threshold() const {
    constexpr double kJustBelow = 1 - std::numeric_limits<double>::epsilon();
    const double own = heap_.size() < k_ || heap_.empty() ? 0.0 : heap_.front().score;
    return floor_ == nullptr ? own : std::max(own, floor_->load() * kJustBelow);
  }

  void offer(const Candidate& candidate) {
    const auto worse = [](const Candidate& a, const Candidate& b) { return a.before(b); };
    if (heap_.size() == k_) {
      if (k_ == 0 || candidate.score <= heap_.front().score) return;
      std::ranges::pop_heap(heap_, worse);
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::ranges::push_heap(heap_, worse);
    if (floor_ != nullptr && heap_.size() == k_) floor_->raise(heap_.front().score);
  }

  /// In no order.
  const std::vector<Candidate>& candidates() const { return heap_; }

 private:
  std::size_t k_;
  ScoreFloor* floor_;
  std::vector<Candidate> heap_;
};

/// The k best of all parts, the best first.
inline std::vector<Candidate> best_of(const std::vector<TopK>& parts, std::size_t k) {
  std::vector<Candidate> all;
  for (const TopK& part : parts) all.insert(all.end(), part.candidates().begin(), part.candidates().end());
  std::ranges::sort(all, [](const Candidate& a, const Candidate& b) { return a.before(b); });
  if (all.size() > k) all.resize(k);
  return all;
}

}  // namespace caprock::stores::text
