// Any bytes as the body of an error: always an error, and never one of a prompt that is too long for a
// throttled call.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "providers/bedrock/errors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t half = size / 2;
  const providers::bedrock::CallPlace place{.model = "m", .region = "r"};
  const net::HttpHeaders headers{{"x-amzn-errortype", std::string(text.substr(0, half))},
                                 {"retry-after", std::string(text.substr(half))}};
  (void)providers::bedrock::error_of_answer(place, 400, headers, text);
  (void)providers::bedrock::error_of_exception(place, text.substr(0, half), text.substr(half));
  (void)providers::bedrock::is_disguised_error(text);
  const auto throttled =
      providers::bedrock::error_of_answer(place, 429, {{"x-amzn-errortype", "ThrottlingException"}}, text);
  if (throttled.kind != base::ErrorKind::kRateLimited || throttled.message.empty()) std::abort();
  return 0;
}
