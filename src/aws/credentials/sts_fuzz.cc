#include <cstdint>
#include <cstdlib>

#include "aws/credentials/sts_response.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock;
  const std::string_view xml(reinterpret_cast<const char*>(data), size);
  const auto got = aws::read_sts_credentials(xml, "AssumeRole");
  if (got && (got->access_key_id.empty() || got->session_token.empty() || !got->expires)) std::abort();
  (void)aws::read_sts_error(xml);
  return 0;
}
