#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace caprock::aws {

struct ProcessLimits {
  std::chrono::milliseconds time{60'000};
  std::size_t output = 64UL * 1024;  ///< bytes of its standard output
};

/// Runs a program (found by PATH, no shell) with our environment and gives what it writes to standard output.
/// It is in a process group of its own, which is killed as a whole when the time or size is above its limit
/// or `stop` is requested. Its other descriptors are closed, its input is empty; its standard error is thrown
/// away, because it might hold secrets. Blocks: call it on a pool. Errors: kInvalidArgument (cannot be
/// started), kUpstream (a status other than 0, too much output), kUnavailable (time), kCancelled.
base::Result<std::string> run_process(const std::vector<std::string>& words, const ProcessLimits& limits,
                                      const std::stop_token& stop);

}  // namespace caprock::aws
