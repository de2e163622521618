// JSON bodies: whatever the bytes, a value within the limits or an error, and a value survives a round trip.
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/json_body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = caprock::server::parse_json_body(text);
  if (!value) return value.error().kind == caprock::base::ErrorKind::kInvalidArgument ? 0 : (std::abort(), 0);
  if (!caprock::server::parse_json_body(boost::json::serialize(*value))) std::abort();
  return 0;
}
