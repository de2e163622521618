// Any bytes as region, URL, Date and error code: a region gets into a host name as a label only, and a path
// is appended with one slash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "aws/clock_skew.h"
#include "aws/endpoint.h"
#include "aws/retry.h"

using namespace caprock::aws;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto service = static_cast<Service>(data[0] % 10U);
  const EndpointOptions ours{
      .region = text, .fips = (data[0] & 0x40) != 0, .dual_stack = (data[0] & 0x80) != 0};
  if (const auto endpoint = resolve_endpoint(service, ours)) {
    if (endpoint->url.text().find(text) == std::string::npos ||
        text.find_first_of("./:@?#%") != std::string::npos)
      std::abort();
    if (!caprock::net::parse_url(endpoint->url.text())) std::abort();
  }
  if (const auto endpoint = resolve_endpoint(service, {.region = "r", .url = text}))
    if (const std::string target = endpoint->at("/a").target;
        !target.ends_with("/a") || target.ends_with("//a"))
      std::abort();
  static_cast<void>(parse_http_date(text));
  static_cast<void>(classify_failure(data[0], text));
  static_cast<void>(parse_retry_after(text));
  return 0;
}
