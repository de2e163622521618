#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>

#include "rag/parse/child/process.h"
#include "rag/parse/formats.h"
#include "rag/parse/pdf/assemble.h"
#include "rag/parse/pdf/bbox.h"

namespace caprock::rag {
namespace {

using base::ErrorKind;

// pdftotext's exit codes, from its manual page: 1 opening failed, 3 permissions; what went wrong stands in
// stderr.
base::Error why_it_failed(const ProcessOutcome& outcome) {
  const auto says = [&](std::string_view text) { return outcome.errors.find(text) != std::string::npos; };
  if (outcome.timed_out || outcome.signal == SIGXCPU)
    return {ErrorKind::kDeadlineExceeded, "the PDF takes too long to read ([parse] cpu_time)"};
  if (outcome.too_much)
    return {ErrorKind::kPayloadTooLarge, "the PDF holds more text than [parse] max_text allows"};
  if (says("Incorrect password") || says("password"))
    return base::invalid_argument("content",
                                  "the PDF is protected by a password; remove it and add the PDF again");
  if (says("Out of memory") || says("bad_alloc"))
    return {ErrorKind::kUnavailable, "the PDF needs more memory to read than [parse] memory allows"};
  if (outcome.signal != 0)
    return base::invalid_argument("content", "the PDF is broken: it crashed the reader")
        .with_detail(outcome.errors);
  return base::invalid_argument("content", "the PDF is broken and cannot be opened")
      .with_detail(outcome.errors);
}

const char* find_pdftotext() {
  constexpr std::array<const char*, 3> kPlaces{"/usr/bin/pdftotext", "/usr/local/bin/pdftotext",
                                               "/bin/pdftotext"};
  const auto* found =
      std::ranges::find_if(kPlaces, [](const char* path) { return ::access(path, X_OK) == 0; });
  return found == kPlaces.end() ? nullptr : *found;
}

bool has_text(const pdf::BboxDocument& document) {
  return std::ranges::any_of(document.pages, [](const pdf::Page& page) { return !page.segments.empty(); });
}

}  // namespace

base::Result<ParsedDocument> parse_pdf(const FormatInput& input) {
  const char* program = find_pdftotext();
  if (program == nullptr)
    return base::failure(
        {ErrorKind::kUnavailable, "PDFs cannot be read: pdftotext is missing (install poppler-utils)"});
  // Boxes make some 100 bytes of XHTML of a word.
  CAPROCK_TRY(const ProcessOutcome outcome,
              run_process({.command = {program, "-bbox-layout", "-enc", "UTF-8", "-", "-"},
                           .environment = {"LC_ALL=C.UTF-8", "HOME=/nonexistent"},
                           .input = input.bytes,
                           .input_fd = input.inside_child ? STDIN_FILENO : -1,
                           .wall_time = input.cpu_time * 2,
                           .max_output = input.max_text * 16,
                           .own_group = !input.inside_child}));
  if (input.after_program != nullptr) input.after_program();
  if (outcome.exit_code != 0 || outcome.signal != 0 || outcome.timed_out || outcome.too_much)
    return base::failure(why_it_failed(outcome));
  CAPROCK_TRY(pdf::BboxDocument document, pdf::read_bbox(outcome.output, input.max_text));
  if (!has_text(document))
    return base::failure(base::invalid_argument(
        "content", "the PDF has no text (" + std::to_string(document.pages.size()) +
                       (document.pages.size() == 1 ? " page" : " pages") +
                       "): it is probably a scan; run text recognition (OCR) on it and add it again"));
  return pdf::assemble(std::move(document));
}

}  // namespace caprock::rag
