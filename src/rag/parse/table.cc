#include "rag/parse/table.h"

#include <algorithm>
#include <set>

#include "rag/parse/text/marks.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongestHeader = 1000;  ///< bytes; it is repeated in the context of every passage

bool looks_like_header(const std::vector<std::string>& cells) {
  std::set<std::string_view> seen;
  if (cells.size() < 2) return false;
  return std::ranges::all_of(cells, [&](const std::string& cell) {
    return cell.size() <= 120 && has_letters(cell) && seen.insert(cell).second;
  });
}

}  // namespace

std::string join_cells(const std::vector<std::string>& cells) {
  std::size_t count = cells.size();
  while (count > 0 && collapse_space(cells[count - 1]).empty()) --count;
  std::string row;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) row += " | ";
    row += collapse_space(cells[i]);
  }
  return row;
}

void TableWriter::add(const std::vector<std::string>& cells) {
  const std::string row = join_cells(cells);
  if (row.empty()) return;
  if (first_ && looks_like_header(cells)) return add_header(cells);
  first_ = false;
  builder_.row(row, header_);
}

void TableWriter::add_header(const std::vector<std::string>& cells) {
  const std::string row = join_cells(cells);
  if (row.empty()) return;
  builder_.row(row, {});
  if (first_ && row.size() <= kLongestHeader) header_ = row;
  first_ = false;
}

}  // namespace caprock::rag
