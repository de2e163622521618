// Any bytes as an answer: cut anywhere, the body is the same, nothing is taken twice, and limits hold.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http1_response.h"

namespace {

using caprock::net::Http1Response;

struct Outcome {
  std::string body;
  int status = 0;
  std::size_t headers = 0;
  bool failed = false;
  bool done = false;
  bool operator==(const Outcome&) const = default;
};

constexpr Http1Response::Limits kLimits{.head = 512, .body = 4096};

Outcome read(std::string_view bytes, std::size_t step, bool to_head) {
  Http1Response response;
  response.begin(to_head, kLimits);
  Outcome out;
  std::size_t taken = 0;
  std::size_t here = 0;
  while (!out.failed) {
    const std::string_view input = bytes.substr(taken, here - taken);
    const bool was_head = response.head_done();
    const auto used = was_head ? response.put_body(input, out.body) : response.put_head(input);
    if (!used || *used > input.size()) {
      if (used) std::abort();
      out.failed = true;
      break;
    }
    taken += *used;
    if (!was_head && response.head_done()) {
      auto head = response.take_head();
      out.status = head.status;
      out.headers = head.headers.size();
      continue;
    }
    if (response.done()) break;
    if (*used > 0) continue;
    if (here == bytes.size()) {
      out.failed = !response.end();
      break;
    }
    here = std::min(bytes.size(), here + step);
  }
  out.done = response.done();
  if (out.body.size() > kLimits.body) std::abort();
  // How much came before a fault depends on the cut.
  if (out.failed) out = Outcome{.failed = true};
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool to_head = (data[0] & 1U) != 0;
  if (read(text, text.size(), to_head) != read(text, (data[0] >> 1U) % 13U + 1U, to_head)) std::abort();
  return 0;
}
