// Any JSON as the request of a chat completion and of a response: read or refused, with the field named.
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/json_body.h"
#include "server/surfaces/openai/chat_request.h"
#include "server/surfaces/openai/response_request.h"

namespace {

template <class Body>
void check(const caprock::base::Result<Body>& body) {
  if (!body && body.error().message.empty()) std::abort();
  if (body && body->request.messages.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = caprock::server::parse_json_body({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  check(caprock::server::openai::read_chat_body(*value));
  check(caprock::server::openai::read_response_body(*value));
  return 0;
}
