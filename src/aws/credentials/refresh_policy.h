#pragma once

#include <chrono>
#include <optional>

#include "aws/credentials/credentials.h"

namespace caprock::aws {

struct RefreshSettings {
  std::chrono::milliseconds before{600'000};     ///< how long before their end credentials are renewed
  std::chrono::milliseconds recheck{300'000};    ///< how often a source whose credentials do not end is asked
  std::chrono::milliseconds retry_first{1'000};  ///< after a failure; doubled at each, up to
  std::chrono::milliseconds retry_most{30'000};
  std::chrono::milliseconds fetch_timeout{90'000};  ///< of a whole fetch
  std::chrono::milliseconds quick_pause{100};       ///< between attempts while nothing usable is there
  int quick_attempts = 3;
  std::chrono::milliseconds reject_interval{10'000};  ///< a refusal by AWS leads to one fetch in this time
};

/// When to fetch again: `before` the end, but never in the first half of what is left, so that a source that
/// gives the same short credentials again and again is asked ever more often and never at once; `jitter` in
/// [0, 1) moves it earlier by up to a half of that, so that accounts and replicas do not ask together.
/// Nothing for what is fixed. See docs/decisions/0910-credential-refresh.md.
std::optional<base::WallTime> next_refresh(const Credentials& credentials, base::WallTime now,
                                           const RefreshSettings& settings, double jitter);

/// How long to leave the source alone after `failures` ≥ 1 in a row: a half to the whole of the doubled
/// pause.
std::chrono::milliseconds retry_pause(int failures, const RefreshSettings& settings, double jitter);

}  // namespace caprock::aws
