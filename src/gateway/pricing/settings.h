#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/settings.h"

namespace caprock::gateway {

struct PricingSettings {
  std::string file;  ///< empty: the prices that are part of the program
  std::chrono::milliseconds stale_after = std::chrono::hours(24 * 180);
  std::string unpriced = "flag";  ///< or "refuse"
  base::SettingsSection describe();
  /// Reads the file, if there is one. Blocks. kInvalidArgument with field "pricing.file".
  base::Result<void> check() const;
};

}  // namespace caprock::gateway
