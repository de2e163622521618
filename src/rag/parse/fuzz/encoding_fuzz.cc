#include <cstddef>
#include <cstdint>
#include <string>

#include "base/utf8.h"
#include "rag/parse/parser.h"
#include "rag/parse/text/encoding.h"

// Any bytes through detection and decoding: always valid UTF-8, and normal once normalized.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::rag;
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT
  (void)detect_type({.bytes = bytes});
  const std::string text = normalize_text(decode_text(bytes));
  if (!caprock::base::is_valid_utf8(text)) __builtin_trap();
  if (normalize_text(text) != text) __builtin_trap();
  return 0;
}
