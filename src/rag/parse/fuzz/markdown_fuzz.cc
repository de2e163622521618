#include <cstddef>
#include <cstdint>
#include <string>

#include "rag/parse/formats.h"
#include "rag/parse/fuzz/check.h"
#include "rag/parse/text/encoding.h"

// Any text as Markdown.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::rag;
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT
  const std::string text = normalize_text(decode_text(bytes));
  check_invariants(parse_markdown({.bytes = text}));
  return 0;
}
