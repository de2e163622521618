// Any bytes as stream, and any bytes as headers and payload of a frame whose checksums are right: what is
// read is written back as the same bytes, however it was split.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "aws/eventstream.h"
#include "aws/testing/frame.h"

using namespace caprock::aws;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0] / 2U, text.size());
  const std::string bytes =
      data[0] % 2 == 0 ? std::string(text) : testing::frame(text.substr(0, cut), text.substr(cut));
  EventStreamReader whole;
  EventStreamReader pieces;
  whole.push(bytes);
  std::string written;
  for (EventOutcome outcome = whole.next(); std::holds_alternative<EventMessage>(outcome);
       outcome = whole.next()) {
    const auto& message = std::get<EventMessage>(outcome);
    if (!append_message(written, message.headers, message.payload)) std::abort();
  }
  if (!std::string_view(bytes).starts_with(written)) std::abort();
  std::size_t seen = 0;
  for (std::size_t at = 0; at < bytes.size(); at += cut % 13 + 1) {
    pieces.push(bytes.substr(at, cut % 13 + 1));
    for (EventOutcome outcome = pieces.next(); std::holds_alternative<EventMessage>(outcome);
         outcome = pieces.next())
      seen += std::get<EventMessage>(outcome).size;
  }
  if (seen != written.size()) std::abort();
  return 0;
}
