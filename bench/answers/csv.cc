#include "answers/csv.h"

#include <utility>

#include "answers/report.h"

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

std::vector<std::map<std::string, std::string>> read_csv(const std::filesystem::path& path) {
  std::string text = read_whole(path);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  const auto rows = cells(text);
  std::vector<std::map<std::string, std::string>> out;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    if (rows[r].size() != rows[0].size()) continue;
    auto& row = out.emplace_back();
    for (std::size_t c = 0; c < rows[0].size(); ++c) row[rows[0][c]] = rows[r][c];
  }
  return out;
}

}  // namespace caprock::bench
