#pragma once

#include <vector>

#include "rag/parse/pdf/page.h"

namespace caprock::rag::pdf {

/// The lines of one cell of a row, top down; most have one.
using Cell = std::vector<const Segment*>;

/// What is read as one line: a line of running text (one cell) or a row of a table (several).
struct Row {
  std::vector<Cell> cells;  ///< left to right
  Box region;               ///< the column it stands in
  bool is_table() const { return cells.size() > 1; }
};

/// The rows of a page in the order a person reads them: columns of running text one after the other, tables
/// row by row, sideways text last. Pointers go into `page`.
std::vector<Row> reading_order(const Page& page);

}  // namespace caprock::rag::pdf
