#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace caprock::providers {

/// A model ready to compute, with the memory it computes in. One thread at a time.
class Session {
 public:
  using Texts = std::span<const std::vector<std::int32_t>* const>;  ///< ids of each text, marks included
  virtual ~Session() = default;

  virtual std::size_t dimension() const = 0;
  /// Whether texts of a batch are brought to one length, so that batches of like texts are cheaper, and the
  /// first of every shape is dear.
  virtual bool pads() const = 0;
  /// Means over the tokens of each text, [texts, dimension], into `out`, not normalised. kInternal when the
  /// model fails.
  virtual base::Result<void> run(Texts texts, std::span<float> out) = 0;
};

}  // namespace caprock::providers
