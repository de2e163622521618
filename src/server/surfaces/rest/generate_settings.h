#pragma once

#include <chrono>
#include <cstdint>

#include "base/settings.h"

namespace caprock::server {

/// `[generate]`: POST /generate and /generate/batch.
struct GenerateSettings {
  std::int64_t batch_requests = 100;
  std::int64_t batch_parallel = 8;
  base::SettingsSection describe();
};

}  // namespace caprock::server
