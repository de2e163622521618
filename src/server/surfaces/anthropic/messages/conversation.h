#pragma once

#include <boost/json/value.hpp>

#include "base/result.h"
#include "llm/chat_request.h"
#include "server/surfaces/anthropic/messages/content_blocks.h"
#include "server/surfaces/anthropic/messages/places.h"

namespace caprock::server::anthropic {

/// `messages` into `request`. Several of one role in a row become one, as Anthropic reads them; every result
/// of a tool must answer a call of the message before it, and every call must be answered. kInvalidArgument
/// with the path.
base::Result<void> read_messages(const boost::json::value& messages, llm::ChatRequest& request,
                                 Places& places, Ignored& ignored);

}  // namespace caprock::server::anthropic
