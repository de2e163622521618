#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace caprock::stores {

struct Scored {
  float cosine = 0;
  std::uint32_t slot = 0;
};

/// Keeps the `k` best of what it is offered.
class TopK {
 public:
  explicit TopK(std::size_t k) : k_(k) { heap_.reserve(std::min<std::size_t>(k, 1024) + 1); }
  void offer(float cosine, std::uint32_t slot) {
    if (heap_.size() == k_ && !better({cosine, slot}, heap_.front())) return;
    heap_.push_back({cosine, slot});
    std::ranges::push_heap(heap_, better);
    if (heap_.size() <= k_) return;
    std::ranges::pop_heap(heap_, better);
    heap_.pop_back();
  }
  /// Best first; equal cosines in the order of their slots, so that answers do not flicker.
  std::vector<Scored> take() {
    std::ranges::sort_heap(heap_, better);
    return std::move(heap_);
  }

 private:
  static bool better(const Scored& a, const Scored& b) {
    return a.cosine > b.cosine || (a.cosine == b.cosine && a.slot < b.slot);
  }
  std::size_t k_;
  std::vector<Scored> heap_;  ///< the worst in front
};

}  // namespace caprock::stores
