#pragma once

#include <chrono>
#include <cstdint>

#include "base/settings.h"

namespace caprock::stores {

struct VectorSettings {
  std::int64_t exact_below = 20'000;  ///< vectors up to which a search looks at every one
  std::int64_t effort = 128;  ///< candidates that a search of the graph looks at, or k if that is more
  std::chrono::milliseconds patience{2'000};  ///< of the first question after a start, while vectors are read
  base::SettingsSection describe();
};

}  // namespace caprock::stores
