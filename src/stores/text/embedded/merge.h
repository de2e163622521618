#pragma once

#include <functional>
#include <span>
#include <string>

#include "stores/text/embedded/segment.h"

namespace caprock::stores::text {

struct MergeInput {
  const Segment* segment;
  std::function<bool(std::uint32_t)> dead;  ///< by document number; must not change its answer meanwhile
};

/// One segment of the living documents of several, in their order; empty when none lives. Pure.
std::string merge_segments(std::span<const MergeInput> inputs);

}  // namespace caprock::stores::text
