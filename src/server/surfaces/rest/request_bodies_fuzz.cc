// Any body is read as a request, or refused with a message; what is read again from its own schema's names is
// the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/json_body.h"
#include "server/surfaces/rest/generate_body.h"
#include "server/surfaces/rest/request_bodies.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::server;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_json_body(text);
  if (!value) {
    if (value.error().message.empty()) std::abort();
    return 0;
  }
  const auto query = rest::query_fields().parse(*value);
  if (query ? query->query.empty() || query->top_k < 1 || query->top_k > 10'000
            : query.error().message.empty()) {
    std::abort();
  }
  const auto chat = rest::chat_fields().parse(*value);
  if (!chat && chat.error().message.empty()) std::abort();
  const auto ingest = rest::ingest_fields().parse(*value);
  if (!ingest && ingest.error().message.empty()) std::abort();
  const auto generate = rest::generate_fields().parse(*value);
  if (generate ? rest::chat_request_of(*generate).messages.size() != 1 : generate.error().message.empty())
    std::abort();
  const auto batch = rest::batch_fields().parse(*value);
  if (batch ? batch->requests.empty() : batch.error().message.empty()) std::abort();
  return 0;
}
