#include "rag/parse/pdf/assemble.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "rag/parse/builder.h"
#include "rag/parse/formats.h"
#include "rag/parse/pdf/hyphens.h"
#include "rag/parse/pdf/layout.h"
#include "rag/parse/pdf/running.h"
#include "rag/parse/pdf/styles.h"
#include "rag/parse/text/marks.h"

namespace caprock::rag::pdf {
namespace {

struct Line {
  const Segment* segment = nullptr;
  std::uint32_t page = 0;
  Box region;
};

// Does `next` begin a new paragraph after `paragraph`? Both on one page and in one column.
bool breaks_within_column(const std::vector<Line>& paragraph, const Line& next) {
  const Segment& last = *paragraph.back().segment;
  const Segment& segment = *next.segment;
  const float gap = segment.box.y0 - last.box.y1;
  if (gap > (segment.block == last.block ? 0.9F : 0.4F) * segment.size || gap < -1.5F * segment.size)
    return true;
  const float em = 0.8F * segment.size;
  const bool ends = ends_sentence(last.text);
  if (segment.box.x0 > last.box.x0 + em && (paragraph.size() > 1 || ends) &&
      !starts_with_marker(paragraph.front().segment->text))
    return true;
  const bool hanging =
      paragraph.size() > 1 && paragraph[1].segment->box.x0 > paragraph[0].segment->box.x0 + em;
  if (hanging && segment.box.x0 < last.box.x0 - em) return true;
  const bool is_short = last.box.x1 < next.region.x1 - 0.15F * width(next.region);
  return is_short && ends && !starts_lower(segment.text);
}

bool breaks(const std::vector<Line>& paragraph, const Line& next) {
  const Line& last = paragraph.back();
  const float ratio = next.segment->size / std::max(last.segment->size, 0.1F);
  if (ratio < 0.9F || ratio > 1.1F) return true;
  if (starts_with_marker(next.segment->text) || has_leader(last.segment->text) ||
      has_leader(next.segment->text))
    return true;
  if (!next.segment->upright || !last.segment->upright) return next.segment->block != last.segment->block;
  const bool same_column = last.page == next.page && next.segment->box.y0 > last.segment->box.y0 &&
                           last.region.x0 == next.region.x0 && last.region.y0 == next.region.y0;
  if (same_column) return breaks_within_column(paragraph, next);
  if (last.page == next.page && next.segment->box.x0 <= last.segment->box.x1 &&
      next.segment->box.y0 > last.segment->box.y0 &&
      next.segment->box.y0 - last.segment->box.y1 > next.segment->size)
    return true;
  return ends_sentence(last.segment->text) || !starts_lower(next.segment->text);
}

class Assembler {
 public:
  explicit Assembler(const BboxDocument& source)
      : styles_(source.pages), hyphens_(source.pages), builder_(mime::kPdf), metadata_title_(source.title) {
    builder_.set_pages(static_cast<std::uint32_t>(source.pages.size()));
  }

  void add_page(const Page& page) {
    for (const Row& row : reading_order(page)) {
      if (row.is_table()) {
        flush();
        add_table_row(row, page.number);
        continue;
      }
      for (const Segment* segment : row.cells.front()) add_line({segment, page.number, row.region});
    }
  }

  ParsedDocument finish() {
    flush();
    builder_.set_title(is_good_title(metadata_title_) || largest_.empty() ? good_or_empty(metadata_title_)
                                                                          : largest_);
    return builder_.finish();
  }

 private:
  static std::string good_or_empty(const std::string& title) {
    return is_good_title(title) ? title : std::string();
  }

  void add_line(Line line) {
    if (!paragraph_.empty() && !joins_marker(line) && breaks(paragraph_, line)) flush();
    paragraph_.push_back(line);
  }

  // A bullet in a segment of its own, then its text on the same line.
  bool joins_marker(const Line& line) const {
    const Segment& last = *paragraph_.back().segment;
    return paragraph_.size() == 1 && last.words == 1 && last.text.size() <= 4 &&
           paragraph_.back().page == line.page &&
           std::abs(middle(last.box) - middle(line.segment->box)) < 0.5F * last.size;
  }

  void flush() {
    if (paragraph_.empty()) return;
    builder_.set_page(paragraph_.front().page);
    const int level = heading_level();
    builder_.open(level > 0                                              ? Block::Kind::kHeading
                  : starts_with_marker(paragraph_.front().segment->text) ? Block::Kind::kListItem
                                                                         : Block::Kind::kParagraph,
                  level);
    std::vector<const Segment*> segments;
    segments.reserve(paragraph_.size());
    for (const Line& line : paragraph_) segments.push_back(line.segment);
    std::size_t index = 0;
    for (const Line& line : paragraph_) append_line(segments, index++, line.page);
    builder_.close();
    paragraph_.clear();
  }

  int heading_level() {
    float size = 0;
    std::size_t bytes = 0;
    std::string text;
    for (const Line& line : paragraph_) {
      size = std::max(size, line.segment->size);
      bytes += line.segment->text.size();
      text += (text.empty() ? "" : " ") + line.segment->text;
      if (!line.segment->upright) return 0;
    }
    if (bytes > 240 || paragraph_.size() > 4 || !has_letters(text)) return 0;
    if (bytes > 60 && text.ends_with('.')) return 0;  // a sentence in large letters
    if (paragraph_.front().page == 1 && size > largest_size_ * 1.02F && styles_.is_heading(size)) {
      largest_size_ = size;
      largest_ = text;
    }
    return styles_.level(size);
  }

  void append_line(const std::vector<const Segment*>& lines, std::size_t index, std::uint32_t page) {
    const Segment& segment = *lines[index];
    const std::string next = index + 1 < lines.size() ? lines[index + 1]->text : std::string();
    const Hyphens::Join how = next.empty() ? Hyphens::Join::kNone : hyphens_.between(segment.text, next);
    std::string text = shorten_leaders(segment.text);
    if (how == Hyphens::Join::kDropHyphen) text.erase(text.rfind('-'));
    builder_.add_line({builder_.append(text), segment.box, page});
    if (how == Hyphens::Join::kSpace) builder_.append(" ");
  }

  void add_table_row(const Row& row, std::uint32_t page) {
    builder_.set_page(page);
    builder_.open(Block::Kind::kTableRow);
    bool first = true;
    std::string_view before;
    for (const Cell& cell : row.cells) {
      // "Engines: 2 | Seats: 4"; a label whose value is missing stays apart from the next.
      const bool value = before.ends_with(':') && !cell.back()->text.ends_with(':');
      if (!first) builder_.append(value ? " " : " | ");
      first = false;
      for (std::size_t i = 0; i < cell.size(); ++i) append_line(cell, i, page);
      before = cell.back()->text;
    }
    builder_.close();
  }

  Styles styles_;
  Hyphens hyphens_;
  DocumentBuilder builder_;
  std::string metadata_title_;
  std::string largest_;  ///< the text in the largest letters of the first page
  float largest_size_ = 0;
  std::vector<Line> paragraph_;
};

}  // namespace

ParsedDocument assemble(BboxDocument source) {
  drop_running_lines(source.pages);
  Assembler assembler(source);
  for (const Page& page : source.pages) assembler.add_page(page);
  return assembler.finish();
}

}  // namespace caprock::rag::pdf
