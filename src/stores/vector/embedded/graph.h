#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "stores/vector/embedded/matrix.h"
#include "stores/vector/embedded/top_k.h"

namespace caprock::stores {

/// An HNSW graph (hnswlib) over rows of a matrix, which it refers to instead of copying them. Searches may
/// run side by side; a change excludes everything else. M = 16, efConstruction = 200: Malkov and Yashunin,
/// https://arxiv.org/abs/1603.09320.
class Graph {
 public:
  explicit Graph(const Matrix& rows);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// Links the row; a slot that was removed before is linked anew in its old place.
  void add(std::uint32_t slot);
  void remove(std::uint32_t slot);
  /// Elements, also those that were removed.
  std::size_t size() const;
  std::size_t removed() const;

  /// The `k` nearest that `allowed` (null: all) lets through, looking at `effort` candidates, in no order.
  std::vector<Scored> search(const float* query, std::size_t k, std::size_t effort,
                             const std::function<bool(std::uint32_t)>* allowed) const;

  /// The links as bytes, with the sequence number of every element instead of its slot, for slots have no
  /// meaning beyond the process. Removed elements get 0.
  std::string save(std::span<const std::int64_t> sequence_of_slot, std::int64_t watermark) const;
  /// A graph over `rows` from such bytes. `slot_of` gives the slot of a sequence number, or kNoSlot when it
  /// has been deleted since. kInternal when the bytes are damaged or of another shape: build it anew then.
  static constexpr std::uint32_t kNoSlot = 0xffffffff;
  static base::Result<std::unique_ptr<Graph>> load(const std::string& bytes, const Matrix& rows,
                                                   const std::function<std::uint32_t(std::int64_t)>& slot_of);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caprock::stores
