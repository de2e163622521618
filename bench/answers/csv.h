#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace caprock::bench {

/// RFC 4180 with a header line, as rows of column → value.
std::vector<std::map<std::string, std::string>> read_csv(const std::filesystem::path& path);

}  // namespace caprock::bench
