#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"

namespace caprock::aws {

/// The whole of a small file, or nothing when there is none (or it is /dev/null). Blocks: call it on a pool.
/// kInvalidArgument says why it cannot be read (its path is in the detail) or that it is above `limit` bytes;
/// pipes and devices are refused, for they may block for ever.
base::Result<std::optional<std::string>> read_small_file(const std::string& path, std::size_t limit);

/// Replaces a file by a rename, readable by its owner only. Blocks. kUnavailable.
base::Result<void> replace_private_file(const std::string& path, const std::string& text);

}  // namespace caprock::aws
