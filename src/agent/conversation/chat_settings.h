#pragma once

#include <chrono>
#include <cstdint>

#include "base/settings.h"

namespace caprock::agent {

/// `[chat]`: turns of conversations.
struct ChatSettings {
  std::int64_t window = 10;    ///< messages before this one that a follow-up is understood with
  std::int64_t running = 256;  ///< turns at once; above it 503
  std::int64_t kept = 64;      ///< finished turns that can be taken up again
  std::chrono::milliseconds turn_limit{300'000};
  std::chrono::milliseconds detached_for{60'000};  ///< how long a turn goes on without a reader
  base::Bytes turn_memory{1U << 20};               ///< events of one turn that wait for a reader
  base::SettingsSection describe();
};

}  // namespace caprock::agent
