#include <algorithm>

#include "rag/parse/builder.h"
#include "rag/parse/formats.h"
#include "rag/parse/text/blank_lines.h"
#include "rag/parse/text/numbered_headings.h"

namespace caprock::rag {
namespace {

// Pages of text that came out of a PDF end in a form feed; the last one often does too.
std::uint32_t count_pages(std::string_view text) {
  while (!text.empty() && (text.back() == '\f' || text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  const auto feeds = static_cast<std::uint32_t>(std::ranges::count(text, '\f'));
  return feeds == 0 ? 0 : feeds + 1;
}

void add_paragraph(DocumentBuilder& builder, std::string_view paragraph) {
  builder.open(Block::Kind::kParagraph);
  builder.append(paragraph);
  builder.close();
}

// A paragraph of a paper's page may hold headings, on lines of their own without blank lines around.
void add_with_headings(DocumentBuilder& builder, std::string_view paragraph, NumberedHeadings& headings) {
  std::size_t begin = 0;
  const auto add_until = [&](std::size_t end) {
    for (const std::string_view part : split_at_blank_lines(paragraph.substr(begin, end - begin)))
      add_paragraph(builder, part);
  };
  for (std::size_t line = 0; line < paragraph.size();) {
    const std::size_t end = std::min(paragraph.find('\n', line), paragraph.size());
    const std::string_view text = paragraph.substr(line, end - line);
    if (const int level = headings.level_of(text); level > 0) {
      add_until(line);
      builder.heading(level, text);
      begin = end;
    }
    line = end + 1;
  }
  add_until(paragraph.size());
}

}  // namespace

base::Result<ParsedDocument> parse_plain_text(const FormatInput& input) {
  DocumentBuilder builder(mime::kText);
  const std::uint32_t pages = count_pages(input.bytes);
  builder.set_pages(pages);
  NumberedHeadings headings;
  std::string_view rest = input.bytes;
  for (std::uint32_t page = 1; !rest.empty(); ++page) {
    if (pages > 0) builder.set_page(std::min(page, pages));
    const std::size_t end = std::min(rest.find('\f'), rest.size());
    for (const std::string_view paragraph : split_at_blank_lines(rest.substr(0, end))) {
      if (pages > 0)
        add_with_headings(builder, paragraph, headings);
      else
        add_paragraph(builder, paragraph);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return builder.finish();
}

}  // namespace caprock::rag
