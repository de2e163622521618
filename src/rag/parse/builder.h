#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rag/parse/parsed.h"

namespace caprock::rag {

/// Assembles a ParsedDocument block by block: keeps the separators, the code point offsets and the section
/// path right. Text handed in is UTF-8; `add` and `row` normalize it and collapse its white space, blocks
/// without text vanish.
class DocumentBuilder {
 public:
  explicit DocumentBuilder(std::string_view format) { document_.format = format; }

  void set_title(std::string_view title);
  bool has_title() const { return !document_.title.empty(); }
  void set_pages(std::uint32_t pages) { document_.pages = pages; }
  /// The page of the blocks that follow.
  void set_page(std::uint32_t page) { page_ = page; }

  void heading(int level, std::string_view text);
  void add(Block::Kind kind, std::string_view text);
  /// Rows in a row are separated by "\n" only.
  void row(std::string_view text, std::string_view header);

  // A block in pieces, for formats that know where each line stands. Text goes in as it is: normalized by the
  // caller.
  void open(Block::Kind kind, int level = 0);
  stores::TextSpan append(std::string_view text);
  void add_line(Block::Line line) { block_.lines.push_back(line); }
  void close();

  std::size_t bytes() const { return document_.text.size(); }
  ParsedDocument finish() { return std::move(document_); }

 private:
  void separate(Block::Kind kind);
  void enter_section(int level, std::string_view title);
  std::string section_path() const;

  ParsedDocument document_;
  Block block_;
  struct Heading {
    int level;
    std::string title;
  };
  std::vector<Heading> headings_;
  std::uint32_t position_ = 0;  ///< code points in document_.text
  std::uint32_t page_ = 0;
};

/// White space runs become one space, none at the ends; `keep_lines` keeps "\n" (two at most).
std::string collapse_space(std::string_view text, bool keep_lines = false);

}  // namespace caprock::rag
