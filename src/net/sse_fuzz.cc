// Any bytes as event stream: split anywhere, the events are the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/sse_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] % 7U + 1U;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  caprock::net::SseParser whole;
  caprock::net::SseParser pieces;
  const auto expected = whole.push(text);
  std::vector<caprock::net::SseEvent> got;
  for (std::size_t at = 0; at < text.size(); at += step) {
    const auto some = pieces.push(text.substr(at, step));
    if (!some) std::abort();
    got.insert(got.end(), some->begin(), some->end());
  }
  if (!expected || *expected != got || whole.last_id() != pieces.last_id()) std::abort();
  return 0;
}
