// Any JSON as a chat completion's request: read or refused, with the field named.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/json_body.h"
#include "server/surfaces/openai/chat_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = caprock::server::parse_json_body({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const auto body = caprock::server::openai::read_chat_body(*value);
  if (!body && body.error().message.empty()) std::abort();
  if (body && body->request.messages.empty()) std::abort();
  return 0;
}
