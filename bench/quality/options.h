#pragma once

#include <filesystem>
#include <string>

namespace caprock::bench {

constexpr const char* kMiniLm = "minilm";  ///< the product's default
constexpr const char* kE5 = "e5";          ///< many languages
constexpr const char* kNoModel = "none";   ///< words alone

struct Options {
  std::filesystem::path work = "build/quality";
  std::string model;   ///< empty: each set takes the one its goal is stated for
  bool fresh = false;  ///< forget the vectors of earlier runs
  std::string command;
};

/// Where vectors are kept between runs.
inline std::filesystem::path vectors_folder(const Options& options) { return options.work / "vectors"; }

}  // namespace caprock::bench
