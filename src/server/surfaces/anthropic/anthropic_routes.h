#pragma once

#include <chrono>
#include <vector>

#include "llm/chat_model.h"
#include "llm/token_counter.h"
#include "server/exchange.h"
#include "server/json_body.h"

namespace caprock::server {

/// What the surface works with; the composition root owns all of it and outlives the routes.
struct AnthropicParts {
  llm::ChatModel& chat;        ///< behind the gateway
  llm::TokenCounter& counter;  ///< that says when it estimates
  JsonLimits json = {};
  std::chrono::milliseconds heartbeat{15'000};  ///< between pings of a silent stream
};

/// /v1/messages and /v1/messages/count_tokens, also below /anthropic. (/v1/models is in surfaces/models.)
std::vector<Route> anthropic_routes(AnthropicParts parts);

}  // namespace caprock::server
