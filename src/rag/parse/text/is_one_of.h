#pragma once

#include <algorithm>

namespace caprock::rag {

/// std::ranges::contains, which libstdc++ 12 does not have.
template <class Range, class Value>
constexpr bool is_one_of(const Range& range, const Value& value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

}  // namespace caprock::rag
