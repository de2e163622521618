#include "rag/parse/parser.h"

#include <new>

#include "rag/parse/child/isolate.h"
#include "rag/parse/formats.h"
#include "rag/parse/text/encoding.h"

namespace caprock::rag {
namespace {

using base::ErrorKind;

base::Result<ParsedDocument> parse_here(const Format& format, const ParseRequest& request,
                                        const ParseSettings& settings) {
  const std::string charset = charset_of(request.declared_type);
  FormatInput input{.bytes = request.bytes,
                    .charset = charset,
                    .max_text = settings.max_text.count,
                    .cpu_time = settings.cpu_time};
  if (!format.is_text) return format.parse(input);
  const std::string text = normalize_text(decode_text(request.bytes, charset));
  input.bytes = text;
  return format.parse(input);
}

base::Result<ParsedDocument> check(ParsedDocument document, const Format& format,
                                   const ParseSettings& settings) {
  if (document.text.size() > settings.max_text.count)
    return base::failure(text_too_large(settings.max_text.count));
  if (document.blocks.empty())
    return base::failure(
        base::invalid_argument("content", "the document (" + std::string(format.name) + ") holds no text"));
  document.format = format.type;
  return document;
}

}  // namespace

base::SettingsSection ParseSettings::describe() {
  return {
      .name = "parse",
      .help = "Limits on reading one document. PDF, Office and HTML are read in a child process under them.",
      .settings = {
          {.key = "cpu_time",
           .target = &cpu_time,
           .help = "processor time for one document",
           .min = 100,
           .max = 600'000},
          {.key = "memory", .target = &memory, .help = "memory for one document", .min = 64 << 20},
          {.key = "max_text",
           .target = &max_text,
           .help = "text of one document",
           .min = 1024,
           .max = 1ULL << 30},
          {.key = "isolate", .target = &isolate, .help = "read hostile formats in a child process"},
      }};
}

base::Result<ParsedDocument> parse_document(const ParseRequest& request, const ParseSettings& settings) {
  CAPROCK_TRY(const std::string type, detect_type(request));
  const Format* format = find_format(type);
  if (format == nullptr) return base::failure(base::internal_error("no parser for " + type));
  try {
    if (format->isolated && settings.isolate) {
      CAPROCK_TRY(ParsedDocument document, parse_in_child(*format, request, settings));
      return check(std::move(document), *format, settings);
    }
    CAPROCK_TRY(ParsedDocument document, parse_here(*format, request, settings));
    return check(std::move(document), *format, settings);
  } catch (const std::bad_alloc&) {
    return base::failure({ErrorKind::kUnavailable, "there is not enough memory to read the document"});
  }
}

}  // namespace caprock::rag
