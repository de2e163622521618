#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stores/types.h"

namespace caprock::rag {

/// A block of a document's text: a paragraph, heading, list item, table row … Blocks come in reading order,
/// do not overlap, and cover every character but the white space between them.
struct Block {
  enum class Kind : std::uint8_t { kParagraph, kHeading, kListItem, kTableRow, kCode };
  Kind kind = Kind::kParagraph;
  stores::TextSpan span;              ///< in code points of ParsedDocument::text
  std::uint8_t level = 0;             ///< of a heading, 1–6
  std::string section;                ///< path of the headings above, " > " between them
  std::string table_header;           ///< of a table row: "Name | Year"
  std::optional<std::uint32_t> page;  ///< from 1
  struct Line {
    stores::TextSpan span;
    stores::PageBox box;
    std::uint32_t page = 0;
  };
  std::vector<Line> lines;  ///< where the format knows boxes (PDF)
};

/// What every parser gives: the text that all offsets point into, and the map from it to pages, boxes and
/// sections.
struct ParsedDocument {
  std::string title;  ///< of the document itself, or empty
  std::string
      text;  ///< UTF-8, NFC, "\n" line ends, blocks separated by blank lines ("\n" between table rows)
  std::vector<Block> blocks;
  std::uint32_t pages = 0;  ///< 0: the format has none
  std::string format;       ///< the detected content type
};

}  // namespace caprock::rag
