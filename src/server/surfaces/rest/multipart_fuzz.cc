// Any bytes, fed in pieces of any size, give the same parts or the same refusal as fed at once.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/surfaces/rest/multipart.h"

namespace {

using caprock::server::rest::MultipartParser;

caprock::base::Result<std::vector<caprock::server::rest::Part>> parse(std::string_view body,
                                                                      std::size_t piece) {
  MultipartParser parser("X", {.parts = 8, .headers = 256, .field = 512});
  for (std::size_t at = 0; at < body.size(); at += piece) CAPROCK_CHECK(parser.feed(body.substr(at, piece)));
  return std::move(parser).finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto whole = parse(body, std::max<std::size_t>(1, body.size()));
  const auto pieces = parse(body, 1 + data[0] % 16);
  if (whole.has_value() != pieces.has_value()) std::abort();
  if (!whole) return 0;
  const auto same = [](const auto& a, const auto& b) { return a.name == b.name && a.body == b.body; };
  if (!std::ranges::equal(*whole, *pieces, same)) std::abort();
  caprock::server::rest::multipart_boundary(body);
  return 0;
}
