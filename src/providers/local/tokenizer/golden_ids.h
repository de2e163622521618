#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace caprock::providers {

/// Rows of golden/*_ids.tsv: a JSON string, a tab, ids apart by spaces.
inline std::vector<std::pair<std::string, std::vector<std::int32_t>>> golden_ids(const std::string& name) {
  std::ifstream in("src/providers/local/golden/" + name);
  std::vector<std::pair<std::string, std::vector<std::int32_t>>> rows;
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    std::string text(boost::json::parse(line.substr(0, tab)).as_string());
    std::istringstream numbers(line.substr(tab + 1));
    std::vector<std::int32_t> ids;
    for (std::int32_t id = 0; numbers >> id;) ids.push_back(id);
    rows.emplace_back(std::move(text), std::move(ids));
  }
  return rows;
}

inline std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace caprock::providers
