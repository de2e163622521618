#include "rag/parse/child/isolate.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <new>
#include <string>

#include "rag/parse/child/process.h"
#include "rag/parse/child/protocol.h"
#include "rag/parse/child/sandbox.h"
#include "rag/parse/text/encoding.h"

namespace caprock::rag {
namespace {

using base::ErrorKind;

constexpr std::string_view kFlag = "--parse-child";
constexpr int kArguments = 7;  ///< program, flag, type, charset, cpu ms, memory, max text

// How much larger than the text the encoded answer may be: sections, headers and a box a line.
constexpr std::size_t kAnswerFactor = 12;
constexpr std::size_t kAnswerBase = 1U << 20U;

base::Error why_it_failed(const ProcessOutcome& outcome, const Format& format,
                          const ParseSettings& settings) {
  const std::string name(format.name);
  if (outcome.timed_out || outcome.signal == SIGXCPU)
    return {ErrorKind::kDeadlineExceeded,
            "the document (" + name + ") takes more than " +
                std::to_string(settings.cpu_time.count() / 1000) +
                " s to read ([parse] cpu_time); it may be broken or made to exhaust its reader"};
  if (outcome.signal == SIGKILL)
    return {ErrorKind::kUnavailable,
            "the reader of the document (" + name + ") was killed; the machine may be out of memory"};
  if (outcome.too_much) return text_too_large(settings.max_text.count);
  if (outcome.signal != 0)
    return base::invalid_argument("content", "the document (" + name + ") is broken: its reader crashed")
        .with_detail("signal " + std::to_string(outcome.signal) + " " + outcome.errors);
  return base::internal_error("the parser ended with code " + std::to_string(outcome.exit_code) + ": " +
                              outcome.errors);
}

// --- the child ---

template <class N>
N number(const char* text) {
  N value{};
  std::from_chars(text, text + std::strlen(text), value);
  return value;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string read_input() {
  struct stat status{};
  if (::fstat(STDIN_FILENO, &status) != 0 || status.st_size < 0) return {};
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = ::pread(STDIN_FILENO, bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

base::Result<ParsedDocument> parse_input(const Format& format, FormatInput input) {
  try {
    // A program reads the document from our standard input by itself.
    const std::string bytes = format.starts_program ? std::string() : read_input();
    input.bytes = bytes;
    return format.parse(input);
  } catch (const std::bad_alloc&) {
    return base::failure(
        {ErrorKind::kUnavailable, "the document (" + std::string(format.name) +
                                      ") needs more memory to read than [parse] memory allows"});
  }
}

int run_child(char** arguments) {
  const Format* format = find_format(arguments[2]);
  if (format == nullptr) return 2;
  const FormatInput input{.bytes = {},
                          .charset = arguments[3],
                          .max_text = number<std::size_t>(arguments[6]),
                          .cpu_time = std::chrono::milliseconds(number<long>(arguments[4])),
                          .after_program = seal_sandbox,
                          .inside_child = true};
  enter_sandbox({.cpu_time = input.cpu_time,
                 .memory = number<std::uint64_t>(arguments[5]),
                 .programs = format->starts_program});
  base::Result<ParsedDocument> outcome = parse_input(*format, input);
  if (outcome && outcome->text.size() > input.max_text)
    outcome = base::failure(text_too_large(input.max_text));
  return write_all(STDOUT_FILENO, encode_outcome(outcome)) ? 0 : 3;
}

// Every program that links this folder can be its own parser, before its main() begins: the product and each
// test program alike, without wiring. docs/decisions/0401-parsers-in-a-child.md
__attribute__((constructor)) void become_child_if_told(int count, char** arguments, char** /*environment*/) {
  if (count == kArguments && arguments[1] == kFlag) ::_exit(run_child(arguments));
}

}  // namespace

base::Result<ParsedDocument> parse_in_child(const Format& format, const ParseRequest& request,
                                            const ParseSettings& settings) {
  const std::string charset = charset_of(request.declared_type);
  // Processor time is what a parser may use; the wall clock only catches one that waits for something.
  CAPROCK_TRY(ProcessOutcome outcome,
              run_process({.command = {"/proc/self/exe", std::string(kFlag), std::string(format.type),
                                       charset, std::to_string(settings.cpu_time.count()),
                                       std::to_string(settings.memory.count),
                                       std::to_string(settings.max_text.count)},
                           .environment = {"LC_ALL=C.UTF-8"},
                           .input = request.bytes,
                           .wall_time = settings.cpu_time * 3 + std::chrono::seconds(5),
                           .max_output = settings.max_text.count * kAnswerFactor + kAnswerBase}));
  if (outcome.exit_code != 0 || outcome.signal != 0 || outcome.timed_out || outcome.too_much)
    return base::failure(why_it_failed(outcome, format, settings));
  return decode_outcome(outcome.output);
}

}  // namespace caprock::rag
