#include <md4c.h>

#include <string>
#include <vector>

#include "rag/parse/builder.h"
#include "rag/parse/formats.h"
#include "rag/parse/text/entities.h"

namespace caprock::rag {
namespace {

// Turns md4c's events into blocks: markup goes, words stay. https://github.com/mity/md4c/wiki
class MarkdownReader {
 public:
  base::Result<ParsedDocument> read(std::string_view text) {
    text = take_front_matter(text);
    MD_PARSER parser{};
    parser.flags = MD_DIALECT_GITHUB;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
      return reader(self).enter(type, detail);
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
      return reader(self).leave(type, detail);
    };
    parser.enter_span = [](MD_SPANTYPE, void*, void*) { return 0; };
    parser.leave_span = [](MD_SPANTYPE, void*, void*) { return 0; };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* start, MD_SIZE size, void* self) {
      return reader(self).text(type, {start, size});
    };
    if (md_parse(text.data(), static_cast<MD_SIZE>(text.size()), &parser, this) != 0)
      return base::failure({base::ErrorKind::kUnavailable, "the Markdown could not be read: out of memory"});
    flush(Block::Kind::kParagraph);
    return builder_.finish();
  }

 private:
  static MarkdownReader& reader(void* self) { return *static_cast<MarkdownReader*>(self); }

  // YAML between "---" lines at the very start: only its title is of use.
  std::string_view take_front_matter(std::string_view text) {
    if (!text.starts_with("---\n")) return text;
    const std::size_t end = text.find("\n---\n", 3);
    if (end > 64UL << 10) return text;  // none, or too far away to be one
    const std::string_view matter = text.substr(4, end - 3);
    for (std::size_t at = 0; at < matter.size();) {
      const std::size_t stop = std::min(matter.find('\n', at), matter.size());
      std::string_view line = matter.substr(at, stop - at);
      if (line.starts_with("title:")) set_front_title(line.substr(6));
      at = stop + 1;
    }
    return text.substr(end + 5);
  }

  void set_front_title(std::string_view value) {
    const std::size_t first = value.find_first_not_of(" \"'");
    const std::size_t last = value.find_last_not_of(" \"'");
    if (first != std::string_view::npos) builder_.set_title(value.substr(first, last - first + 1));
  }

  int enter(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_UL:
      case MD_BLOCK_OL:
        flush(item_kind());
        lists_.push_back(
            type == MD_BLOCK_OL ? static_cast<long>(static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start) : -1);
        break;
      case MD_BLOCK_LI:
        text_ = item_marker();
        break;
      case MD_BLOCK_TABLE:
        header_.clear();
        break;
      case MD_BLOCK_TR:
        row_.clear();
        break;
      case MD_BLOCK_P:
      case MD_BLOCK_H:
      case MD_BLOCK_CODE:
      case MD_BLOCK_QUOTE:
      case MD_BLOCK_HTML:
        if (has_more_than_marker()) flush(item_kind());
        break;
      default:
        break;
    }
    return 0;
  }

  int leave(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_H:
        end_heading(static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level));
        break;
      case MD_BLOCK_P:
        flush(item_kind());
        break;
      case MD_BLOCK_LI:
        flush(Block::Kind::kListItem);
        break;
      case MD_BLOCK_UL:
      case MD_BLOCK_OL:
        lists_.pop_back();
        break;
      case MD_BLOCK_CODE:
        flush(Block::Kind::kCode);
        break;
      case MD_BLOCK_TH:
      case MD_BLOCK_TD:
        end_cell();
        break;
      case MD_BLOCK_TR:
        end_row();
        break;
      case MD_BLOCK_HTML:
        text_.clear();
        break;
      default:
        break;
    }
    if (type == MD_BLOCK_TABLE) header_.clear();
    return 0;
  }

  int text(MD_TEXTTYPE type, std::string_view piece) {
    switch (type) {
      case MD_TEXT_NULLCHAR:
        break;
      case MD_TEXT_BR:
      case MD_TEXT_SOFTBR:
        text_ += '\n';
        break;
      case MD_TEXT_HTML:
        text_ += piece.starts_with("<br") ? "\n" : "";
        break;
      case MD_TEXT_ENTITY:
        text_ += unescape_entities(piece);
        break;
      default:
        text_ += piece;
        break;
    }
    return 0;
  }

  Block::Kind item_kind() const { return lists_.empty() ? Block::Kind::kParagraph : Block::Kind::kListItem; }

  std::string item_marker() {
    if (lists_.empty() || lists_.back() < 0) return "- ";
    return std::to_string(lists_.back()++) + ". ";
  }

  bool has_more_than_marker() const {
    const std::size_t end = text_.find(' ');
    return !text_.empty() && !(end != std::string::npos && end + 1 == text_.size());
  }

  void flush(Block::Kind kind) {
    if (has_more_than_marker()) builder_.add(kind, text_);
    text_.clear();
  }

  void end_heading(int level) {
    if (level == 1 && !builder_.has_title()) builder_.set_title(text_);
    builder_.heading(level, text_);
    text_.clear();
  }

  void end_cell() {
    row_.push_back(collapse_space(text_));
    text_.clear();
  }

  // The first row of a GitHub table is its header; it is a row of the text too.
  void end_row() {
    std::string line;
    for (const std::string& cell : row_) line += (line.empty() && &cell == &row_.front() ? "" : " | ") + cell;
    if (header_.empty()) {
      header_ = line;
      builder_.row(line, {});
    } else {
      builder_.row(line, header_);
    }
    row_.clear();
  }

  DocumentBuilder builder_{mime::kMarkdown};
  std::string text_;
  std::vector<long> lists_;  ///< the next number of each open list, -1: bullets
  std::vector<std::string> row_;
  std::string header_;
};

}  // namespace

base::Result<ParsedDocument> parse_markdown(const FormatInput& input) {
  return MarkdownReader().read(input.bytes);
}

}  // namespace caprock::rag
