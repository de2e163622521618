#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rag/parse/parsed.h"

namespace caprock::rag {

namespace mime {
inline constexpr std::string_view kText = "text/plain";
inline constexpr std::string_view kMarkdown = "text/markdown";
inline constexpr std::string_view kHtml = "text/html";
inline constexpr std::string_view kCsv = "text/csv";
inline constexpr std::string_view kTsv = "text/tab-separated-values";
inline constexpr std::string_view kJsonLines = "application/x-ndjson";
inline constexpr std::string_view kPdf = "application/pdf";
inline constexpr std::string_view kDocx =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
inline constexpr std::string_view kXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}  // namespace mime

/// What a format's parser gets. For text formats `bytes` are already normalized UTF-8 (text/encoding.h).
struct FormatInput {
  std::string_view bytes;
  std::string_view charset;  ///< declared, or empty
  std::size_t max_text = 64ULL << 20;
  std::chrono::milliseconds cpu_time{10'000};  ///< of a program that the parser starts
  void (*after_program)() = nullptr;           ///< called when no more program will be started
  bool inside_child = false;                   ///< programs stay in this process's group and limits
};

/// A document format: one line in the list of formats.cc.
struct Format {
  std::string_view type;
  std::string_view name;        ///< for people: "PDF"
  std::string_view extensions;  ///< space-separated, with dots
  bool is_text;                 ///< decoded and normalized before it is parsed
  bool isolated;                ///< hostile: parsed in a child process
  bool starts_program;          ///< needs an external program inside the child
  base::Result<ParsedDocument> (*parse)(const FormatInput& input);
};

std::span<const Format> formats();
/// null: not read here.
const Format* find_format(std::string_view type);
/// "PDF, Word (.docx), …": for error messages.
std::string readable_formats();

// The parsers, a file each. Errors: kInvalidArgument (broken, password-protected, no text), kPayloadTooLarge.
base::Result<ParsedDocument> parse_plain_text(const FormatInput& input);
base::Result<ParsedDocument> parse_markdown(const FormatInput& input);
base::Result<ParsedDocument> parse_html(const FormatInput& input);
base::Result<ParsedDocument> parse_csv(const FormatInput& input);
base::Result<ParsedDocument> parse_json_lines(const FormatInput& input);
base::Result<ParsedDocument> parse_pdf(const FormatInput& input);
base::Result<ParsedDocument> parse_docx(const FormatInput& input);
base::Result<ParsedDocument> parse_xlsx(const FormatInput& input);

/// kPayloadTooLarge, naming the setting.
base::Error text_too_large(std::size_t limit);

}  // namespace caprock::rag
