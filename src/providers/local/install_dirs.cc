#include "providers/local/install_dirs.h"

#include <system_error>

namespace caprock::providers {
namespace {

namespace fs = std::filesystem;

/// The nearest folder above with a CMake cache, or empty. Going up only to there keeps a folder that somebody
/// else may write (such as /tmp) from being searched for libraries.
fs::path build_root(fs::path folder) {
  std::error_code error;
  for (; folder.has_relative_path(); folder = folder.parent_path())
    if (fs::exists(folder / "CMakeCache.txt", error)) return folder;
  return {};
}

}  // namespace

fs::path find_install_dir(const fs::path& binary, const fs::path& relative) {
  const fs::path folder = binary.parent_path();
  std::error_code error;
  for (const fs::path& root : {folder, folder.parent_path(), build_root(folder)})
    if (!root.empty() && fs::is_directory(root / relative, error)) return root / relative;
  return {};
}

fs::path own_binary() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

}  // namespace caprock::providers
