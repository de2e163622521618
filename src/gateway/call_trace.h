#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "gateway/retry_budget.h"
#include "gateway/target_state.h"

namespace caprock::gateway {

/// What the stages find out about one call, for its usage record and its reply's metadata. One thread at a
/// time; lives until the reply has ended.
struct CallTrace {
  std::shared_ptr<TargetState> target = {};  ///< that answered, or was asked last; null: none was
  std::string_view reason = {};              ///< why this one
  std::int64_t attempts = 0;
  RetryBudget::Share active = {};
  std::stop_token reader = {};  ///< requested: nobody waits for the reply, so nothing is asked again

  /// "bedrock@west/anthropic.claude-…; reason=throttled; attempts=2": a value for a header, or empty.
  std::string route() const;
};

}  // namespace caprock::gateway
