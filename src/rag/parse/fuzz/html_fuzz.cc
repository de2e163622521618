#include <cstddef>
#include <cstdint>
#include <string>

#include "rag/parse/formats.h"
#include "rag/parse/fuzz/check.h"

// Any bytes as HTML.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::rag;
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT
  check_invariants(parse_html({.bytes = bytes}));
  return 0;
}
