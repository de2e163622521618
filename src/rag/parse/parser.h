#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/settings.h"
#include "rag/parse/parsed.h"

namespace caprock::rag {

/// Limits on one document. Hostile formats are parsed in a child process under them.
struct ParseSettings {
  std::chrono::milliseconds cpu_time{10'000};
  base::Bytes memory{512ULL << 20};
  base::Bytes max_text{64ULL << 20};  ///< of extracted text; more fails the document
  bool isolate = true;                ///< false parses in process: for tests and fuzzing
  base::SettingsSection describe();
};

struct ParseRequest {
  std::string bytes;
  std::string declared_type;  ///< Content-Type of the upload, or empty
  std::string file_name;      ///< or empty
};

/// The content type found in the bytes; the declared type and the name only decide between texts. Text
/// without structure is "text/plain". kUnsupportedMediaType names what was found and what is read.
base::Result<std::string> detect_type(const ParseRequest& request);

/// Blocks for as long as the parser runs: call it on a pool thread. Errors, all with a message for the user:
/// kUnsupportedMediaType (unknown, or the bytes are not what was declared), kInvalidArgument (empty,
/// password-protected, broken, no text in a scan), kPayloadTooLarge (max_text), kDeadlineExceeded (cpu_time),
/// kUnavailable (memory).
base::Result<ParsedDocument> parse_document(const ParseRequest& request, const ParseSettings& settings);

}  // namespace caprock::rag
