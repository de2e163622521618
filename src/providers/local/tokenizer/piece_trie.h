#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace caprock::providers {

/// Finds every piece that a text begins with, in one walk. Immutable once made; 9 bytes a node.
class PieceTrie {
 public:
  PieceTrie() = default;
  /// Pieces with their ids; empty ones are left out, of equal ones the first counts.
  explicit PieceTrie(std::vector<std::pair<std::string_view, std::int32_t>> pieces);

  /// Calls found(bytes, id) for each piece that `text` begins with, shortest first.
  template <class Found>
  void prefixes(std::string_view text, Found found) const {
    if (ids_.empty()) return;
    std::uint32_t node = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      node = child(node, static_cast<std::uint8_t>(text[at]));
      if (node == 0) return;
      if (ids_[node] >= 0) found(at + 1, ids_[node]);
    }
  }

 private:
  /// 0, the root, when there is none.
  std::uint32_t child(std::uint32_t node, std::uint8_t label) const;

  // Nodes in breadth-first order, so that the children of node n are first_[n] … first_[n + 1] − 1, by label.
  std::vector<std::uint32_t> first_;
  std::vector<std::uint8_t> labels_;
  std::vector<std::int32_t> ids_;  ///< −1 where no piece ends
};

}  // namespace caprock::providers
