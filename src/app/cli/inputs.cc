#include "app/cli/inputs.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace caprock::app {
namespace {

namespace fs = std::filesystem;
using base::failure;
using base::invalid_argument;
using base::Result;

bool is_url(const std::string& text) { return text.starts_with("http://") || text.starts_with("https://"); }

/// Collects inputs, each path once.
class Collector {
 public:
  Result<void> add(const std::string& typed) {
    if (is_url(typed)) {
      inputs_.push_back({Input::Kind::kUrl, typed, 0});
      return {};
    }
    std::error_code error;
    if (fs::exists(typed, error)) return add_path(typed);
    if (typed.find_first_of("*?[") != std::string::npos) return add_glob(typed);
    return failure(invalid_argument("path", fmt::format("{} does not exist", typed)));
  }

  std::vector<Input> take() { return std::move(inputs_); }

 private:
  Result<void> add_path(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return add_folder(path);
    if (!fs::is_regular_file(path, error))
      return failure(
          invalid_argument("path", fmt::format("{} is neither a file nor a folder", path.string())));
    add_file(path);
    return {};
  }

  void add_file(const fs::path& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path).lexically_normal();
    const std::uintmax_t size = fs::file_size(path, error);
    if (seen_.insert(absolute.string()).second)
      inputs_.push_back(
          {Input::Kind::kFile, absolute.string(), error ? 0 : static_cast<std::uint64_t>(size)});
  }

  Result<void> add_folder(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    auto walk = fs::recursive_directory_iterator(folder, error);
    if (error)
      return failure(
          invalid_argument("path", fmt::format("{} cannot be read: {}", folder.string(), error.message())));
    for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
      if (error)
        return failure(
            invalid_argument("path", fmt::format("{} cannot be read: {}", folder.string(), error.message())));
      std::error_code ignored;
      if (walk->path().filename().string().starts_with('.')) {
        if (walk->is_directory(ignored)) walk.disable_recursion_pending();
      } else if (walk->is_regular_file(ignored))
        files.push_back(walk->path());
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) add_file(file);
    return {};
  }

  Result<void> add_glob(const std::string& pattern) {
    glob_t found{};
    const int outcome = ::glob(pattern.c_str(), 0, nullptr, &found);
    std::vector<std::string> paths;
    for (std::size_t i = 0; outcome == 0 && i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    if (paths.empty()) return failure(invalid_argument("path", fmt::format("{} matches no file", pattern)));
    for (const std::string& path : paths) CAPROCK_CHECK(add_path(path));
    return {};
  }

  std::vector<Input> inputs_;
  std::set<std::string> seen_;
};

}  // namespace

Result<std::vector<Input>> expand_inputs(const std::vector<std::string>& typed) {
  Collector collector;
  for (const std::string& text : typed) CAPROCK_CHECK(collector.add(text));
  return collector.take();
}

}  // namespace caprock::app
