#include "rag/parse/formats.h"

#include <algorithm>
#include <array>

namespace caprock::rag {
namespace {

// A new format is a file with its parser and a line here; what tells it apart stands in detect.cc.
constexpr std::array kFormats{
    //     type             name              extensions              text   isolated program
    Format{mime::kText, "plain text", ".txt .text .log", true, false, false, parse_plain_text},
    Format{mime::kMarkdown, "Markdown", ".md .markdown", true, false, false, parse_markdown},
    Format{mime::kHtml, "HTML", ".html .htm .xhtml", false, true, false, parse_html},
    Format{mime::kPdf, "PDF", ".pdf", false, true, true, parse_pdf},
    Format{mime::kDocx, "Word (.docx)", ".docx .docm", false, true, false, parse_docx},
    Format{mime::kXlsx, "Excel (.xlsx)", ".xlsx .xlsm", false, true, false, parse_xlsx},
    Format{mime::kCsv, "CSV", ".csv", true, false, false, parse_csv},
    Format{mime::kTsv, "TSV", ".tsv .tab", true, false, false, parse_csv},
    Format{mime::kJsonLines, "JSON lines", ".jsonl .ndjson", true, false, false, parse_json_lines},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view type) {
  const auto* found = std::ranges::find(kFormats, type, &Format::type);
  return found == kFormats.end() ? nullptr : found;
}

std::string readable_formats() {
  std::string all;
  for (const Format& format : kFormats) {
    if (!all.empty()) all += &format == &kFormats.back() ? " and " : ", ";
    all += format.name;
  }
  return all;
}

base::Error text_too_large(std::size_t limit) {
  return {base::ErrorKind::kPayloadTooLarge,
          "the document holds more than " + std::to_string(limit >> 20U) +
              " MiB of text ([parse] max_text); split it, or raise the limit"};
}

}  // namespace caprock::rag
