#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rag/parse/builder.h"

namespace caprock::rag {

/// Cells of a row as text: "a | b | c", empty ones at the end left out.
std::string join_cells(const std::vector<std::string>& cells);

/// Writes the rows of one table. The first row is the header when it looks like one (all cells filled, none a
/// number, no two alike) and another row follows; it is a row of the text too. Rows without any text are left
/// out.
class TableWriter {
 public:
  explicit TableWriter(DocumentBuilder& builder) : builder_(builder) {}
  void add(const std::vector<std::string>& cells);
  /// The format says that this row is a header.
  void add_header(const std::vector<std::string>& cells);
  void finish() {
    header_.clear();
    first_ = true;
  }

 private:
  DocumentBuilder& builder_;
  std::string header_;
  bool first_ = true;
};

}  // namespace caprock::rag
