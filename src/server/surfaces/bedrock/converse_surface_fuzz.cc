// Any body is read as a Converse request, or refused with a message that names a place.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/json_body.h"
#include "server/surfaces/bedrock/converse_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::server;
  const auto value = parse_json_body({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const auto request = bedrock::read_converse(*value, "m", true);
  if (!request ? request.error().message.empty() : request->messages.empty()) std::abort();
  return 0;
}
