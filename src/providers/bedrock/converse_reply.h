#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/chat_events.h"

namespace caprock::providers::bedrock {

/// One event of ConverseStream; `type` is its `:event-type`. Appends what it means; types that are not known
/// append nothing. kUpstream, with the reason in `detail`, when it is not what the service model says.
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
base::Result<void> read_event(std::string_view type, std::string_view payload,
                              std::vector<llm::StreamEvent>& out);

/// A whole reply of Converse as the events that a stream would have brought. Errors as above.
base::Result<std::vector<llm::StreamEvent>> read_reply(std::string_view body);

}  // namespace caprock::providers::bedrock
