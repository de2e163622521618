#include <string>
#include <string_view>
#include <vector>

#include "rag/parse/builder.h"
#include "rag/parse/formats.h"
#include "rag/parse/office/package.h"
#include "rag/parse/office/word_styles.h"
#include "rag/parse/office/xml.h"
#include "rag/parse/table.h"

namespace caprock::rag {
namespace {

using office::attribute;
using office::child;
using office::local_name;

constexpr int kDeepest = 100;         ///< elements within elements; Word itself writes a dozen
constexpr std::size_t kUnpacked = 4;  ///< times max_text: XML is several times its text

// ECMA-376 part 1, 17.3 (paragraphs and runs) and 17.4 (tables).
class WordReader {
 public:
  WordReader(const office::WordStyles& styles, std::size_t max_text) : styles_(styles), max_text_(max_text) {}

  void read_blocks(const pugi::xml_node& parent, int depth = 0) {
    if (depth > kDeepest || full()) return;
    for (const pugi::xml_node& node : parent.children()) {
      const std::string_view name = local_name(node);
      if (name == "p")
        add_paragraph(node);
      else if (name == "tbl")
        add_table(node, depth + 1);
      else if (name == "sdt")
        read_blocks(child(node, "sdtContent"), depth + 1);
      else if (name == "ins" || name == "smartTag" || name == "customXml")
        read_blocks(node, depth + 1);
      else if (name == "AlternateContent")
        read_blocks(child(node, "Choice"), depth + 1);
    }
  }

  void read_notes(const pugi::xml_node& notes, std::string_view element) {
    for (const pugi::xml_node& note : notes.children()) {
      if (local_name(note) != element || !attribute(note, "type").empty()) continue;  // separators
      std::string text;
      collect_text(note, text, 0);
      builder_.add(Block::Kind::kParagraph, "[" + std::string(attribute(note, "id")) + "] " + text);
    }
  }

  bool full() const { return builder_.bytes() > max_text_; }
  ParsedDocument finish() {
    if (!builder_.has_title()) builder_.set_title(first_heading_);
    return builder_.finish();
  }
  void set_title(const std::string& title) { builder_.set_title(title); }

 private:
  void add_paragraph(const pugi::xml_node& paragraph) {
    std::string text;
    collect_text(paragraph, text, 0);
    const pugi::xml_node properties = child(paragraph, "pPr");
    const std::string_view style = attribute(child(properties, "pStyle"), "val");
    int level = styles_.heading_level(style);
    if (level == 0) level = outline_level(properties);
    if (styles_.is_title(style)) {
      if (!builder_.has_title()) builder_.set_title(text);
      builder_.heading(1, text);
    } else if (level > 0) {
      if (level == 1 && first_heading_.empty()) first_heading_ = text;
      builder_.heading(level, text);
    } else if (child(properties, "numPr") || styles_.is_list(style)) {
      if (text.find_first_not_of(" \n\t") != std::string::npos)
        builder_.add(Block::Kind::kListItem, "- " + text);
    } else {
      builder_.add(Block::Kind::kParagraph, text);
    }
  }

  static int outline_level(const pugi::xml_node& properties) {
    const std::string_view value = attribute(child(properties, "outlineLvl"), "val");
    return value.size() == 1 && value[0] >= '0' && value[0] <= '5' ? value[0] - '0' + 1 : 0;
  }

  // The text of runs. Deleted text, field codes and the second version of drawings are left out.
  static void collect_text(const pugi::xml_node& parent, std::string& text, int depth) {
    if (depth > kDeepest) return;
    for (const pugi::xml_node& node : parent.children()) {
      const std::string_view name = local_name(node);
      if (name == "t")
        text += node.text().get();
      else if (name == "tab")
        text += ' ';
      else if (name == "br" || name == "cr")
        text += '\n';
      else if (name == "noBreakHyphen")
        text += '-';
      else if (name == "footnoteReference" || name == "endnoteReference")
        text += "[" + std::string(attribute(node, "id")) + "]";
      else if (name == "AlternateContent")
        collect_text(child(node, "Choice"), text, depth + 1);
      else if (!is_left_out(name)) {
        if (name == "p" && !text.empty()) text += '\n';
        collect_text(node, text, depth + 1);
      }
    }
  }

  static bool is_left_out(std::string_view name) {
    return name == "del" || name == "moveFrom" || name == "instrText" || name == "delText" ||
           name == "Fallback" || name == "pPr" || name == "rPr" || name == "tblPr" || name == "tcPr" ||
           name == "sectPr";
  }

  void add_table(const pugi::xml_node& node, int depth) {
    TableWriter table(builder_);
    for (const pugi::xml_node& row : node.children()) {
      if (full()) return;
      if (local_name(row) != "tr") continue;
      const std::vector<std::string> cells = read_cells(row, depth);
      if (office::is_on(child(child(row, "trPr"), "tblHeader")))
        table.add_header(cells);
      else
        table.add(cells);
    }
  }

  static std::vector<std::string> read_cells(const pugi::xml_node& row, int depth) {
    std::vector<std::string> cells;
    for (const pugi::xml_node& node : row.children()) {
      const bool controlled = local_name(node) == "sdt";
      const pugi::xml_node cell = controlled ? child(child(node, "sdtContent"), "tc") : node;
      if (local_name(cell) != "tc") continue;
      std::string text;
      collect_text(cell, text, depth);
      cells.push_back(collapse_space(text));
    }
    return cells;
  }

  const office::WordStyles& styles_;
  std::size_t max_text_;
  DocumentBuilder builder_{mime::kDocx};
  std::string first_heading_;
};

base::Result<void> read_notes(office::Package& package, WordReader& reader, const std::string& part,
                              std::string_view element) {
  CAPROCK_TRY(const std::string xml, package.read_optional(part));
  if (xml.empty()) return {};
  pugi::xml_document notes;
  CAPROCK_CHECK(office::load(notes, xml, part));
  reader.read_notes(notes.document_element(), element);
  return {};
}

base::Result<std::string> core_title(office::Package& package) {
  CAPROCK_TRY(const std::string xml, package.read_optional("docProps/core.xml"));
  pugi::xml_document core;
  if (xml.empty() || !office::load(core, xml, "docProps/core.xml")) return std::string();
  return std::string(child(core.document_element(), "title").text().get());
}

}  // namespace

base::Result<ParsedDocument> parse_docx(const FormatInput& input) {
  CAPROCK_TRY(office::Package package, office::Package::open(input.bytes, input.max_text * kUnpacked));
  CAPROCK_TRY(const std::string styles_xml, package.read_optional("word/styles.xml"));
  pugi::xml_document styles_document;
  if (!styles_xml.empty()) CAPROCK_CHECK(office::load(styles_document, styles_xml, "word/styles.xml"));
  const office::WordStyles styles(styles_document.document_element());

  CAPROCK_TRY(const std::string xml, package.read("word/document.xml"));
  pugi::xml_document document;
  CAPROCK_CHECK(office::load(document, xml, "word/document.xml"));
  WordReader reader(styles, input.max_text);
  CAPROCK_TRY(const std::string title, core_title(package));
  reader.set_title(title);
  reader.read_blocks(child(document.document_element(), "body"));
  CAPROCK_CHECK(read_notes(package, reader, "word/footnotes.xml", "footnote"));
  CAPROCK_CHECK(read_notes(package, reader, "word/endnotes.xml", "endnote"));
  if (reader.full()) return base::failure(text_too_large(input.max_text));
  return reader.finish();
}

}  // namespace caprock::rag
