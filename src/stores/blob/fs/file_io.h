#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace caprock::stores {

// Blocking file operations with the errors of the stores: kOutOfSpace for a full disk or quota, kUnavailable
// otherwise.

/// Writes `bytes` to `scratch`, makes them durable, and moves them to `target` in one step; the name is
/// durable too.
base::Result<void> write_durably(const std::filesystem::path& scratch, const std::filesystem::path& target,
                                 const std::string& bytes);
/// kNotFound when there is no such file.
base::Result<std::string> read_file(const std::filesystem::path& path);
/// No error when there is none.
base::Result<void> remove_file(const std::filesystem::path& path);
/// Makes a folder and those above it, durably.
base::Result<void> make_folder(const std::filesystem::path& path);

}  // namespace caprock::stores
