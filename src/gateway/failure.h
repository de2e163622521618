#pragma once

#include <string_view>

#include "aws/retry.h"
#include "base/error.h"

namespace caprock::gateway {

/// What the error of an attempt means for the next one.
struct Failure {
  aws::AttemptFailure attempt;     ///< for the same target
  bool elsewhere = false;          ///< another target may do it
  bool counts_for_breaker = true;  ///< the target is at fault, not the request
  std::string_view reason;         ///< a word for records and metrics, from a fixed set
};

/// Pure; by what the provider said of its cause, else by kind.
Failure read_failure(const base::Error& error);

}  // namespace caprock::gateway
