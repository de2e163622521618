#include <cstdlib>

#include "base/json/last_member.h"
#include "providers/bedrock/native_meter.h"

using namespace caprock;
using providers::bedrock::NativeMeter;

// First byte: operation, and where the rest is split. Whatever comes: no crash, no memory beyond what is
// kept, and one piece or many, the end of messages is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto operation = static_cast<llm::NativeOperation>(data[0] % 4);
  const bool stream =
      operation == llm::NativeOperation::kConverseStream || operation == llm::NativeOperation::kInvokeStream;
  const net::HttpHeaders headers{
      {"content-type", stream ? "application/vnd.amazon.eventstream" : "application/json"}};
  NativeMeter whole(operation, {.model = "m", .region = "r"}, 200, headers);
  whole.push(bytes);
  NativeMeter split(operation, {.model = "m", .region = "r"}, 200, headers);
  const std::size_t step = std::size_t{data[1]} + 1;
  for (std::size_t at = 0; at < bytes.size(); at += step) split.push(bytes.substr(at, step));
  if (whole.between_events() != split.between_events()) std::abort();
  std::ignore = whole.finish();
  std::ignore = split.finish();
  const std::string_view found = base::last_member(bytes, "usage");
  if (!found.empty() &&
      (found.data() < bytes.data() || found.data() + found.size() > bytes.data() + bytes.size()))
    std::abort();
  return 0;
}
