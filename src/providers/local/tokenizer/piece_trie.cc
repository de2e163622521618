#include "providers/local/tokenizer/piece_trie.h"

#include <algorithm>

namespace caprock::providers {

PieceTrie::PieceTrie(std::vector<std::pair<std::string_view, std::int32_t>> pieces) {
  std::ranges::sort(pieces);
  struct Range {
    std::size_t begin, end, depth;  ///< of pieces that share their first `depth` bytes
  };
  std::vector<Range> nodes{{0, pieces.size(), 0}};
  labels_.push_back(0);
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    Range here = nodes[n];
    first_.push_back(static_cast<std::uint32_t>(nodes.size()));
    std::int32_t id = -1;
    for (; here.begin < here.end && pieces[here.begin].first.size() == here.depth; ++here.begin)
      if (id < 0 && here.depth > 0) id = pieces[here.begin].second;
    ids_.push_back(id);
    while (here.begin < here.end) {
      const auto label = static_cast<std::uint8_t>(pieces[here.begin].first[here.depth]);
      std::size_t end = here.begin;
      while (end < here.end && static_cast<std::uint8_t>(pieces[end].first[here.depth]) == label) ++end;
      nodes.push_back({here.begin, end, here.depth + 1});
      labels_.push_back(label);
      here.begin = end;
    }
  }
  first_.push_back(static_cast<std::uint32_t>(nodes.size()));
  first_.shrink_to_fit();
  labels_.shrink_to_fit();
  ids_.shrink_to_fit();
}

std::uint32_t PieceTrie::child(std::uint32_t node, std::uint8_t label) const {
  const auto begin = labels_.begin() + first_[node];
  const auto end = labels_.begin() + first_[node + 1];
  const auto found = std::lower_bound(begin, end, label);
  return found != end && *found == label ? static_cast<std::uint32_t>(found - labels_.begin()) : 0;
}

}  // namespace caprock::providers
