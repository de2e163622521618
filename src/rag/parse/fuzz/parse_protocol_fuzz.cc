#include <cstddef>
#include <cstdint>
#include <string>

#include "rag/parse/child/protocol.h"
#include "rag/parse/fuzz/check.h"

// Any bytes as the answer of a parser child.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::rag;
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT
  const auto document = decode_outcome(bytes);
  if (document) check_invariants(decode_outcome(encode_outcome(document)));
  return 0;
}
