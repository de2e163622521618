#pragma once

#include <vector>

#include "base/awaitable.h"

namespace caprock::base {

/// Runs all parts side by side on the caller's executor (a single-threaded one) and waits for every one of
/// them, also after a failure. The first error in order of `parts`, if any.
Awaitable<Result<void>> all_of(std::vector<Awaitable<Result<void>>> parts);

}  // namespace caprock::base
