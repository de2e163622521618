// Any JSON as the body of Anthropic's messages: read or refused, with a message; through each of its doors.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json/json_text.h"
#include "server/surfaces/anthropic/messages/messages_request.h"

#include <boost/json/value.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::server::anthropic;
  const auto value = caprock::base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  for (const Door door : {Door::kMessages, Door::kCountTokens, Door::kInvoke}) {
    const auto body = read_messages_body(*value, door);
    if (!body && body.error().message.empty()) std::abort();
    if (!body) continue;
    const auto& messages = body->request.messages;
    if (messages.empty() || messages.size() != body->places.messages.size()) std::abort();
    for (std::size_t i = 0; i < messages.size(); ++i)
      if (messages[i].content.size() != body->places.messages[i].size()) std::abort();
    if (body->request.tools.size() != body->places.tools.size()) std::abort();
  }
  return 0;
}
