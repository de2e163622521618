#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rag/parse/builder.h"
#include "rag/parse/formats.h"
#include "rag/parse/office/cell_format.h"
#include "rag/parse/office/package.h"
#include "rag/parse/office/xml.h"
#include "rag/parse/table.h"

namespace caprock::rag {
namespace {

using office::attribute;
using office::child;
using office::local_name;

constexpr std::size_t kUnpacked = 4;        ///< times max_text
constexpr std::size_t kMostColumns = 1024;  ///< further cells are taken without the empty ones between
constexpr std::string_view kWorkbook = "xl/workbook.xml";

// Text of a shared or inline string: its runs, without phonetic hints. ECMA-376 part 1, 18.4.
std::string string_text(const pugi::xml_node& item) {
  std::string text;
  for (const pugi::xml_node& node : item.children()) {
    if (local_name(node) == "t")
      text += node.text().get();
    else if (local_name(node) == "r")
      text += child(node, "t").text().get();
  }
  return text;
}

struct Sheet {
  std::string name;
  std::string part;
};

class Workbook {
 public:
  static base::Result<Workbook> open(office::Package& package) {
    Workbook book;
    CAPROCK_TRY(const std::string xml, package.read(std::string(kWorkbook)));
    pugi::xml_document workbook;
    CAPROCK_CHECK(office::load(workbook, xml, kWorkbook));
    CAPROCK_CHECK(book.read_sheets(package, workbook.document_element()));
    CAPROCK_CHECK(book.read_strings(package));
    const std::string_view epoch = attribute(child(workbook.document_element(), "workbookPr"), "date1904");
    CAPROCK_CHECK(book.read_formats(package, epoch == "1" || epoch == "true"));
    return book;
  }

  const std::vector<Sheet>& sheets() const { return sheets_; }

  std::string cell_text(const pugi::xml_node& cell) const {
    const std::string_view type = attribute(cell, "t");
    if (type == "inlineStr") return string_text(child(cell, "is"));
    const std::string_view value = child(cell, "v").text().get();
    if (type == "s") {
      std::size_t index = strings_.size();
      std::from_chars(value.data(), value.data() + value.size(), index);
      return index < strings_.size() ? strings_[index] : std::string();
    }
    if (type == "b") return value == "1" ? "TRUE" : "FALSE";
    if (type == "str" || type == "e" || type == "d") return std::string(value);
    std::size_t style = 0;
    const std::string_view style_text = attribute(cell, "s");
    std::from_chars(style_text.data(), style_text.data() + style_text.size(), style);
    return value.empty() ? std::string() : formats_.show(value, style);
  }

 private:
  base::Result<void> read_sheets(office::Package& package, const pugi::xml_node& workbook) {
    CAPROCK_TRY(const std::string xml, package.read("xl/_rels/workbook.xml.rels"));
    pugi::xml_document relations;
    CAPROCK_CHECK(office::load(relations, xml, "xl/_rels/workbook.xml.rels"));
    std::map<std::string, std::string, std::less<>> parts;
    for (const pugi::xml_node& relation : relations.document_element().children()) {
      const std::string_view target = attribute(relation, "Target");
      parts[std::string(attribute(relation, "Id"))] =
          target.starts_with('/') ? std::string(target.substr(1)) : "xl/" + std::string(target);
    }
    for (const pugi::xml_node& sheet : child(workbook, "sheets").children()) {
      const auto part = parts.find(attribute(sheet, "id"));
      if (part != parts.end()) sheets_.push_back({std::string(attribute(sheet, "name")), part->second});
    }
    return {};
  }

  base::Result<void> read_strings(office::Package& package) {
    CAPROCK_TRY(const std::string xml, package.read_optional("xl/sharedStrings.xml"));
    if (xml.empty()) return {};
    pugi::xml_document strings;
    CAPROCK_CHECK(office::load(strings, xml, "xl/sharedStrings.xml"));
    for (const pugi::xml_node& item : strings.document_element().children())
      strings_.push_back(string_text(item));
    return {};
  }

  base::Result<void> read_formats(office::Package& package, bool since_1904) {
    CAPROCK_TRY(const std::string xml, package.read_optional("xl/styles.xml"));
    pugi::xml_document styles;
    if (!xml.empty()) CAPROCK_CHECK(office::load(styles, xml, "xl/styles.xml"));
    formats_ = office::CellFormats(styles.document_element(), since_1904);
    return {};
  }

  std::vector<Sheet> sheets_;
  std::vector<std::string> strings_;
  office::CellFormats formats_;
};

// "BC12" → 54, from 0; npos without letters.
std::size_t column_of(std::string_view reference) {
  std::size_t column = 0;
  std::size_t letters = 0;
  for (; letters < reference.size() && letters < 4 && reference[letters] >= 'A' && reference[letters] <= 'Z';
       ++letters)
    column = column * 26 + static_cast<std::size_t>(reference[letters] - 'A' + 1);
  return letters == 0 ? std::string::npos : column - 1;
}

// Tables often begin some columns from the left: the empty ones before are none of theirs.
std::size_t first_column(const pugi::xml_node& rows) {
  std::size_t first = kMostColumns;
  for (const pugi::xml_node& row : rows.children())
    for (const pugi::xml_node& cell : row.children())
      if (child(cell, "v") || child(cell, "is")) first = std::min(first, column_of(attribute(cell, "r")));
  return first;
}

std::vector<std::string> row_cells(const Workbook& book, const pugi::xml_node& row, std::size_t first) {
  std::vector<std::string> cells;
  for (const pugi::xml_node& cell : row.children()) {
    if (local_name(cell) != "c") continue;
    const std::size_t column = column_of(attribute(cell, "r"));
    std::string text = book.cell_text(cell);
    if (text.empty()) continue;
    if (column < kMostColumns && column > first && column - first > cells.size())
      cells.resize(column - first);
    cells.push_back(std::move(text));
  }
  return cells;
}

}  // namespace

base::Result<ParsedDocument> parse_xlsx(const FormatInput& input) {
  CAPROCK_TRY(office::Package package, office::Package::open(input.bytes, input.max_text * kUnpacked));
  CAPROCK_TRY(const Workbook book, Workbook::open(package));
  DocumentBuilder builder(mime::kXlsx);
  for (const Sheet& sheet : book.sheets()) {
    CAPROCK_TRY(const std::string xml, package.read_optional(sheet.part));
    if (xml.empty()) continue;
    pugi::xml_document document;
    CAPROCK_CHECK(office::load(document, xml, sheet.part));
    builder.heading(1, sheet.name);
    TableWriter table(builder);
    const pugi::xml_node rows = child(document.document_element(), "sheetData");
    const std::size_t first = first_column(rows);
    for (const pugi::xml_node& row : rows.children()) {
      table.add(row_cells(book, row, first));
      if (builder.bytes() > input.max_text) return base::failure(text_too_large(input.max_text));
    }
  }
  return builder.finish();
}

}  // namespace caprock::rag
