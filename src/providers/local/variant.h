#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::providers {

/// One way to compute a model.
struct Variant {
  std::string_view name;       ///< as in the setting
  std::string_view file;       ///< in the model's folder
  std::string_view precision;  ///< for the engine; empty: our own kernels (int8/) compute it
  double min_cosine = 0.999;   ///< to the golden vectors, or it is not used
  bool by_engine() const { return !precision.empty(); }
};

/// What decides which variants are worth trying.
struct CpuFeatures {
  bool int8 = false;  ///< what the kernels of int8/ are written for: AVX512-VNNI
  bool bf16 = false;
  bool f16 = false;
};
CpuFeatures this_cpu();

/// What to try, fastest first. A variant that is asked for by name stands alone; kUnavailable when this
/// processor lacks what it needs.
base::Result<std::vector<Variant>> variants_to_try(std::string_view setting, CpuFeatures cpu);

}  // namespace caprock::providers
