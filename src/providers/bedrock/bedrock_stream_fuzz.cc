// Any bytes as a ConverseStream, split anywhere: the same events and the same verdict, and never an end
// without a stop.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "providers/bedrock/stream_decoder.h"

namespace {

using namespace caprock;

struct Seen {
  std::vector<llm::StreamEvent> events;
  bool good = true;
};

Seen decode(std::string_view bytes, std::size_t step) {
  providers::bedrock::StreamDecoder decoder({.model = "m", .region = "r"});
  Seen seen;
  for (std::size_t at = 0; at < bytes.size() && seen.good; at += step)
    seen.good = decoder.push(std::string(bytes.substr(at, step)), seen.events).has_value();
  seen.good = seen.good && decoder.finish().has_value();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = decode(bytes, bytes.size());
  const Seen pieces = decode(bytes, data[0] % 31U + 1U);
  if (whole.good != pieces.good || whole.events.size() != pieces.events.size()) std::abort();
  bool stopped = false;
  for (const llm::StreamEvent& event : whole.events)
    stopped = stopped || std::holds_alternative<llm::MessageStop>(event);
  if (whole.good && !stopped) std::abort();
  return 0;
}
