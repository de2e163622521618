#include "providers/bedrock/stream_decoder.h"

#include <utility>

#include "providers/bedrock/converse_reply.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

Result<void> StreamDecoder::push(std::string bytes, std::vector<llm::StreamEvent>& out) {
  reader_.push(std::move(bytes));
  while (true) {
    const aws::EventOutcome outcome = reader_.next();
    if (std::holds_alternative<aws::NeedMore>(outcome)) return {};
    if (const auto* fault = std::get_if<aws::EventStreamFault>(&outcome))
      return failure(broken_answer(place_, std::string(aws::describe(*fault))));
    CAPROCK_CHECK(take(std::get<aws::EventMessage>(outcome), out));
  }
}

Result<void> StreamDecoder::take(const aws::EventMessage& message, std::vector<llm::StreamEvent>& out) {
  const std::string_view kind = message.message_type();
  if (kind == "exception")
    return failure(error_of_exception(place_, message.text(":exception-type"), message.payload));
  if (kind == "error") {
    base::Error error = error_of_exception(place_, message.text(":error-code"), "");
    error.detail += message.text(":error-message");
    return failure(std::move(error));
  }
  if (kind != "event") return {};
  const std::size_t before = out.size();
  if (auto read = read_event(message.text(":event-type"), message.payload, out); !read)
    return failure(broken_answer(place_, std::move(read).error().detail));
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
    return failure(broken_answer(place_, "an event after the last one"));
  if (std::holds_alternative<llm::MessageStop>(event)) stopped_ = true;
  if (metadata == nullptr) return {};
  if (!stopped_) return failure(broken_answer(place_, "metadata before messageStop"));
  done_ = true;
  if (metadata->model.empty()) metadata->model = place_.model;
  metadata->id = place_.request_id;
  return {};
}

Result<void> StreamDecoder::finish() const {
  if (done_) return {};
  return failure(broken_answer(
      place_, stopped_ ? "the stream ended before metadata" : "the stream ended before messageStop"));
}

}  // namespace caprock::providers::bedrock
