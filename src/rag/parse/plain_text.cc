#include <algorithm>

#include "rag/parse/builder.h"
#include "rag/parse/formats.h"
#include "rag/parse/text/blank_lines.h"

namespace caprock::rag {
namespace {

// Pages of text that came out of a PDF end in a form feed; the last one often does too.
std::uint32_t count_pages(std::string_view text) {
  while (!text.empty() && (text.back() == '\f' || text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  const auto feeds = static_cast<std::uint32_t>(std::ranges::count(text, '\f'));
  return feeds == 0 ? 0 : feeds + 1;
}

void add_paragraphs(DocumentBuilder& builder, std::string_view page) {
  for (const std::string_view paragraph : split_at_blank_lines(page)) {
    builder.open(Block::Kind::kParagraph);
    builder.append(paragraph);
    builder.close();
  }
}

}  // namespace

base::Result<ParsedDocument> parse_plain_text(const FormatInput& input) {
  DocumentBuilder builder(mime::kText);
  const std::uint32_t pages = count_pages(input.bytes);
  builder.set_pages(pages);
  std::string_view rest = input.bytes;
  for (std::uint32_t page = 1; !rest.empty(); ++page) {
    if (pages > 0) builder.set_page(std::min(page, pages));
    const std::size_t end = std::min(rest.find('\f'), rest.size());
    add_paragraphs(builder, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return builder.finish();
}

}  // namespace caprock::rag
