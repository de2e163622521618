#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "llm/chat_events.h"

namespace caprock::providers::openai {

/// How `choice` says that it ended, or nothing when its finish_reason is none that we know. `used_tools`: a
/// call that was forced by tool_choice ends with "stop", and is a tool use all the same.
std::optional<llm::MessageStop> decode_stop(const boost::json::object& choice, bool used_tools);

}  // namespace caprock::providers::openai
