#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "llm/chat_model.h"
#include "llm/model_catalog.h"
#include "server/exchange.h"

namespace caprock::server {

/// What the OpenAI surface works with; the composition root owns all of it and outlives the routes.
struct OpenAiParts {
  llm::ChatModel& chat;  ///< behind the gateway
  std::function<base::Awaitable<base::Result<std::vector<llm::ModelInfo>>>(const base::RequestContext&)>
      models;
  const base::Clock& clock;
  std::size_t json_depth = 100;
  std::chrono::milliseconds heartbeat{15'000};  ///< between comments of a silent stream
};

/// /v1/chat/completions and /v1/models, also below /openai.
std::vector<Route> openai_routes(OpenAiParts parts);

}  // namespace caprock::server
