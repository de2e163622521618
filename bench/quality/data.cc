#include "quality/data.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "rag/parse/text/encoding.h"

namespace caprock::bench {
namespace {

std::vector<std::vector<std::string>> cells(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1);
  std::string cell;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      cell += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ',' || c == '\n')) {
      rows.back().push_back(std::exchange(cell, {}));
      if (c == '\n') rows.emplace_back();
    } else if (c != '\r' || quoted) {
      cell += c;
    }
  }
  rows.back().push_back(std::move(cell));
  return rows;
}

}  // namespace

std::filesystem::path data_file(const std::string& name) {
  const char* given = std::getenv("CAPROCK_TEST_DATA");
  const auto path = std::filesystem::path(given != nullptr ? given : "../shared/data") / name;
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error(path.string() +
                             " is not here: set CAPROCK_TEST_DATA to the folder with the data sets");
  }
  return path;
}

std::string read_whole(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string read_text(const std::filesystem::path& file) { return rag::decode_text(read_whole(file)); }

std::vector<std::map<std::string, std::string>> read_csv(const std::filesystem::path& file) {
  const auto rows = cells(read_text(file));
  std::vector<std::map<std::string, std::string>> out;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    if (rows[r].size() < rows[0].size()) continue;
    auto& row = out.emplace_back();
    for (std::size_t c = 0; c < rows[0].size(); ++c) row[rows[0][c]] = rows[r][c];
  }
  return out;
}

std::vector<boost::json::object> read_json_lines(const std::filesystem::path& file) {
  std::vector<boost::json::object> out;
  std::istringstream lines(read_whole(file));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) out.push_back(boost::json::parse(line).as_object());
  }
  return out;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            const std::string& extension) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == extension) out.push_back(entry.path());
  }
  std::ranges::sort(out, {}, [](const std::filesystem::path& file) { return file.filename(); });
  return out;
}

std::string field(const boost::json::value& object, const char* name) {
  return boost::json::value_to<std::string>(object.at(name));
}

}  // namespace caprock::bench
