#pragma once

#include <filesystem>

namespace caprock::providers {

/// The folder `relative` ("lib/caprock", "share/caprock/models") of the installation or build tree that
/// `binary` is in, or empty: beside the binary, one above it (bin/ and lib/ side by side), or at the root of
/// the build tree around it, for test programs.
std::filesystem::path find_install_dir(const std::filesystem::path& binary,
                                       const std::filesystem::path& relative);

/// This program.
std::filesystem::path own_binary();

}  // namespace caprock::providers
