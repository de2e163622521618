#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rag/answer/quote_finder.h"

// The first byte splits the rest into quote and source. Whatever is found lies inside the source, and is
// found again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0], bytes.size());
  const std::string_view source = bytes.substr(cut);
  const auto span = caprock::rag::find_quote(source, bytes.substr(0, cut));
  if (!span) return 0;
  if (span->start >= span->end || span->end > source.size()) std::abort();
  if (!caprock::rag::find_quote(source, source.substr(span->start, span->end - span->start))) std::abort();
  return 0;
}
