#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/chat_request.h"
#include "server/surfaces/anthropic/messages/places.h"

namespace caprock::server::anthropic {

/// Through which door a body came: what it must have differs.
enum class Door : std::uint8_t {
  kMessages,     ///< POST /v1/messages
  kCountTokens,  ///< POST /v1/messages/count_tokens: no max_tokens
  kInvoke,       ///< Bedrock's InvokeModel: anthropic_version in the body; model and stream are the caller's
};

struct MessagesBody {
  llm::ChatRequest request;
  Places places;                     ///< restates what a provider says of the request
  std::vector<std::string> ignored;  ///< paths of members that nobody knows
};

/// kInvalidArgument with the path as Anthropic writes it ("messages.1.content.0.type"). What Anthropic knows
/// and we do not do (containers, servers of tools, context editing, …) is refused by name.
/// https://docs.claude.com/en/api/messages
base::Result<MessagesBody> read_messages_body(const boost::json::value& body, Door door = Door::kMessages);

}  // namespace caprock::server::anthropic
