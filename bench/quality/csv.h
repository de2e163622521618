#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::bench {

/// RFC 4180 with a header: a row is a map from column to value.
inline std::vector<std::map<std::string, std::string>> read_csv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::vector<std::string>> lines(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& field = lines.back().back();
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
      field += text[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (quoted || (c != ',' && c != '\n' && c != '\r'))
      field += c;
    else if (c == ',')
      lines.back().emplace_back();
    else if (c == '\n')
      lines.push_back({""});
  }
  std::vector<std::map<std::string, std::string>> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].size() < lines[0].size()) continue;
    for (rows.emplace_back(); const std::string& column : lines[0])
      rows.back()[column] = lines[i][static_cast<std::size_t>(&column - lines[0].data())];
  }
  return rows;
}

}  // namespace caprock::bench
