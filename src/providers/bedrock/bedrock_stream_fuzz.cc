// Any bytes as a ConverseStream, or as a streamed invocation of any family, split anywhere: the same events
// and the same verdict, and never an end without a stop.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/invoke_decoder.h"
#include "providers/bedrock/stream_decoder.h"

namespace {

using namespace caprock;
using namespace caprock::providers::bedrock;

struct Seen {
  std::vector<llm::StreamEvent> events;
  bool good = true;
};

std::unique_ptr<ReplyDecoder> decoder_of(unsigned choice) {
  const CallPlace place{.model = "m", .region = "r"};
  const invoke::Codec* const codecs[] = {
      &invoke::claude(),       &invoke::titan(),          &invoke::llama3(),     &invoke::mistral_text(),
      &invoke::mistral_chat(), &invoke::cohere_command(), &invoke::cohere_chat()};
  if (choice == 0) return std::make_unique<StreamDecoder>(place);
  return std::make_unique<invoke::InvokeDecoder>(place, *codecs[choice - 1], false);
}

Seen decode(std::string_view bytes, std::size_t step, unsigned choice) {
  const auto decoder = decoder_of(choice);
  Seen seen;
  for (std::size_t at = 0; at < bytes.size() && seen.good; at += step)
    seen.good = decoder->push(std::string(bytes.substr(at, step)), seen.events).has_value();
  seen.good = seen.good && decoder->finish(seen.events).has_value();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  // The seeds of ConverseStream begin with small numbers.
  const unsigned choice = data[0] / 32U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = decode(bytes, bytes.size(), choice);
  const Seen pieces = decode(bytes, data[0] % 31U + 1U, choice);
  if (whole.good != pieces.good || whole.events.size() != pieces.events.size()) std::abort();
  bool stopped = false;
  for (const llm::StreamEvent& event : whole.events)
    stopped = stopped || std::holds_alternative<llm::MessageStop>(event);
  if (whole.good && !stopped) std::abort();
  return 0;
}
