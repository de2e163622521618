#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "rag/answer/json_field_stream.h"

// Whole or byte by byte, the fields are the same, and every piece is well-formed UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> whole;
  std::map<std::string, std::string> parts;
  caprock::rag::JsonFieldStream one(4096);
  for (const auto& piece : one.push(bytes)) {
    if (!caprock::base::is_valid_utf8(piece.text)) std::abort();
    whole[piece.field] += piece.text;
  }
  caprock::rag::JsonFieldStream many(4096);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const auto& piece : many.push(bytes.substr(i, 1))) {
      if (!caprock::base::is_valid_utf8(piece.text)) std::abort();
      parts[piece.field] += piece.text;
    }
  }
  // Malformed bytes are replaced one by one, so a cut inside them may change their number: compare valid
  // input only.
  if (caprock::base::is_valid_utf8(bytes) && whole != parts) std::abort();
  if (one.complete() != many.complete() || one.failed() != many.failed()) std::abort();
  return 0;
}
