#include "providers/bedrock/reply_decoder.h"

#include <utility>

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

Result<void> ReplyDecoder::push(std::string bytes, std::vector<llm::StreamEvent>& out) {
  reader_.push(std::move(bytes));
  while (true) {
    const aws::EventOutcome outcome = reader_.next();
    if (std::holds_alternative<aws::NeedMore>(outcome)) return {};
    if (const auto* fault = std::get_if<aws::EventStreamFault>(&outcome))
      return failure(broken_answer(place_, std::string(aws::describe(*fault))));
    CAPROCK_CHECK(take(std::get<aws::EventMessage>(outcome), out));
  }
}

Result<void> ReplyDecoder::take(const aws::EventMessage& message, std::vector<llm::StreamEvent>& out) {
  const std::string_view kind = message.message_type();
  if (kind == "exception")
    return failure(error_of_exception(place_, message.text(":exception-type"), message.payload));
  if (kind == "error") {
    base::Error error = error_of_exception(place_, message.text(":error-code"), "");
    error.detail += message.text(":error-message");
    return failure(std::move(error));
  }
  if (kind != "event") return {};
  return take_event(message.text(":event-type"), message.payload, out);
}

}  // namespace caprock::providers::bedrock
