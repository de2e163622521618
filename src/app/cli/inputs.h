#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace caprock::app {

/// One thing to ingest.
struct Input {
  enum class Kind : std::uint8_t { kFile, kUrl };
  Kind kind = Kind::kFile;
  std::string path;  ///< absolute and normal, or the URL
  std::uint64_t size = 0;
};

/// PATH|URL… as typed → files and URLs, in order, each once. Folders are walked (hidden names and symbolic
/// links to folders are left out); a text that names no file but has `*`, `?` or `[` is a glob.
/// kInvalidArgument names what does not exist, cannot be read, or matches nothing.
base::Result<std::vector<Input>> expand_inputs(const std::vector<std::string>& typed);

}  // namespace caprock::app
