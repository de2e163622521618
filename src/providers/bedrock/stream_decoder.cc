#include "providers/bedrock/stream_decoder.h"

#include <utility>

#include "providers/bedrock/converse_reply.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

Result<void> StreamDecoder::take_event(std::string_view type, std::string_view payload,
                                       std::vector<llm::StreamEvent>& out) {
  const std::size_t before = out.size();
  if (auto read = read_event(type, payload, out); !read)
    return failure(broken_answer(place(), std::move(read).error().detail));
  for (std::size_t i = before; i < out.size(); ++i) {
    if (auto right = check_order(out[i]); !right) {
      out.resize(i);
      return right;
    }
  }
  return {};
}

Result<void> StreamDecoder::check_order(llm::StreamEvent& event) {
  auto* metadata = std::get_if<llm::StreamMetadata>(&event);
  if (done_ || (stopped_ && metadata == nullptr))
    return failure(broken_answer(place(), "an event after the last one"));
  if (std::holds_alternative<llm::MessageStop>(event)) stopped_ = true;
  if (metadata == nullptr) return {};
  if (!stopped_) return failure(broken_answer(place(), "metadata before messageStop"));
  done_ = true;
  if (metadata->model.empty()) metadata->model = place().model;
  metadata->id = place().request_id;
  return {};
}

Result<void> StreamDecoder::finish(std::vector<llm::StreamEvent>&) {
  if (done_) return {};
  return failure(broken_answer(
      place(), stopped_ ? "the stream ended before metadata" : "the stream ended before messageStop"));
}

}  // namespace caprock::providers::bedrock
