// Any bytes as an event of ConverseStream and as a reply of Converse: events or an error, and a stop only
// from a stop.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "providers/bedrock/converse_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock;
  constexpr std::string_view kTypes[] = {"contentBlockDelta", "contentBlockStart", "contentBlockStop",
                                         "messageStart",      "messageStop",       "metadata",
                                         "eventOfTomorrow"};
  if (size == 0) return 0;
  const std::string_view type = kTypes[data[0] % std::size(kTypes)];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<llm::StreamEvent> events;
  const auto read = providers::bedrock::read_event(type, text, events);
  for (const llm::StreamEvent& event : events)
    if (!read || (std::holds_alternative<llm::MessageStop>(event) && type != "messageStop")) std::abort();
  const auto reply = providers::bedrock::read_reply(text);
  if (reply && !std::holds_alternative<llm::MessageStop>((*reply)[reply->size() - 2])) std::abort();
  return 0;
}
