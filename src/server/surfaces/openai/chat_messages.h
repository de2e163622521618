#pragma once

#include <boost/json/value.hpp>

#include "base/result.h"
#include "llm/chat_request.h"

namespace caprock::server::openai {

/// `messages` into `request`: leading system and developer messages become `system`, tool messages that
/// follow each other one message of the user, with what the user says after them. Errors as read_chat_body.
base::Result<void> read_messages(const boost::json::value& messages, llm::ChatRequest& request);

}  // namespace caprock::server::openai
