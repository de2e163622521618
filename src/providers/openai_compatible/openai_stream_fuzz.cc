// Any bytes as a streamed chat completion: split anywhere, the outcome is the same, and an end is only given
// when the stream had one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "providers/openai_compatible/stream_codec.h"

namespace {

struct Outcome {
  std::size_t events = 0;
  std::size_t stops = 0;
  bool failed = false;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view text, std::size_t step) {
  using namespace caprock;
  providers::openai::StreamDecoder decoder(*providers::openai::dialect_named("openrouter"), "m");
  Outcome outcome;
  for (std::size_t at = 0; at < text.size() && !outcome.failed; at += step) {
    std::vector<llm::StreamEvent> events;
    outcome.failed = !decoder.push(text.substr(at, step), events);
    outcome.events += events.size();
    for (const auto& event : events) outcome.stops += std::holds_alternative<llm::MessageStop>(event) ? 1 : 0;
  }
  if (decoder.done() != (outcome.stops == 1) || outcome.stops > 1) std::abort();
  if (outcome.stops == 1 && text.find("[DONE]") == std::string_view::npos) std::abort();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = decode(text, text.size() + 1);
  const Outcome pieces = decode(text, data[0] % 7U + 1U);
  // A push that fails gives none of the events before the failure: then only the failure is the same.
  if (whole.failed != pieces.failed || (!whole.failed && whole != pieces)) std::abort();
  return 0;
}
