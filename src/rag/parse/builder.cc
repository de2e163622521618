#include "rag/parse/builder.h"

#include <algorithm>

#include "base/utf8.h"
#include "rag/parse/text/encoding.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongestHeading = 300;  ///< bytes of a heading that still go into a section path

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == '\v'; }

std::string trim_code(std::string_view text) {
  while (!text.empty() && (text.front() == '\n' || text.front() == '\f')) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

std::string shortened(std::string_view text) {
  if (text.size() <= kLongestHeading) return std::string(text);
  std::size_t cut = text.rfind(' ', kLongestHeading);
  if (cut == std::string_view::npos || cut == 0) cut = base::byte_offset(text, kLongestHeading / 4);
  return std::string(text.substr(0, cut));
}

}  // namespace

std::string collapse_space(std::string_view text, bool keep_lines) {
  std::string out;
  out.reserve(text.size());
  std::size_t lines = 0;
  bool space = false;
  for (const char c : text) {
    if (is_space(c)) {
      space = true;
      lines += c == '\n';
      continue;
    }
    if (space && !out.empty()) {
      if (keep_lines && lines > 0)
        out.append(std::min<std::size_t>(lines, 2), '\n');
      else
        out += ' ';
    }
    space = false;
    lines = 0;
    out += c;
  }
  return out;
}

void DocumentBuilder::set_title(std::string_view title) {
  document_.title = shortened(collapse_space(normalize_text(std::string(title))));
}

void DocumentBuilder::heading(int level, std::string_view text) {
  const std::string clean = collapse_space(normalize_text(std::string(text)));
  if (clean.empty()) return;
  open(Block::Kind::kHeading, level);
  append(clean);
  close();
}

void DocumentBuilder::add(Block::Kind kind, std::string_view text) {
  std::string clean = normalize_text(std::string(text));
  clean = kind == Block::Kind::kCode ? trim_code(clean) : collapse_space(clean, true);
  if (clean.empty()) return;
  open(kind);
  append(clean);
  close();
}

void DocumentBuilder::row(std::string_view text, std::string_view header) {
  const std::string clean = collapse_space(normalize_text(std::string(text)));
  if (clean.empty()) return;
  open(Block::Kind::kTableRow);
  block_.table_header = header;
  append(clean);
  close();
}

void DocumentBuilder::open(Block::Kind kind, int level) {
  separate(kind);
  block_ = Block{};
  block_.kind = kind;
  block_.level =
      kind == Block::Kind::kHeading ? static_cast<std::uint8_t>(std::clamp(level, 1, 6)) : std::uint8_t{0};
  block_.span = {position_, position_};
  if (page_ > 0) block_.page = page_;
}

stores::TextSpan DocumentBuilder::append(std::string_view text) {
  const stores::TextSpan span{position_,
                              position_ + static_cast<std::uint32_t>(base::count_code_points(text))};
  document_.text += text;
  position_ = span.end;
  block_.span.end = span.end;
  return span;
}

void DocumentBuilder::close() {
  if (block_.span.start == block_.span.end) return;
  if (block_.kind == Block::Kind::kHeading)
    enter_section(block_.level, base::slice_code_points(document_.text, block_.span.start, block_.span.end));
  else
    block_.section = section_path();
  document_.blocks.push_back(std::move(block_));
}

void DocumentBuilder::separate(Block::Kind kind) {
  if (document_.blocks.empty()) return;
  const bool tight = kind == document_.blocks.back().kind &&
                     (kind == Block::Kind::kTableRow || kind == Block::Kind::kListItem);
  append(tight ? "\n" : "\n\n");
}

void DocumentBuilder::enter_section(int level, std::string_view title) {
  while (!headings_.empty() && headings_.back().level >= level) headings_.pop_back();
  block_.section = section_path();
  headings_.push_back({level, shortened(collapse_space(title))});
}

std::string DocumentBuilder::section_path() const {
  std::string path;
  for (const Heading& heading : headings_) {
    if (!path.empty()) path += " > ";
    path += heading.title;
  }
  return path;
}

}  // namespace caprock::rag
