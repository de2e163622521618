#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "llm/chat_model.h"
#include "llm/embedder.h"
#include "llm/model_catalog.h"
#include "server/exchange.h"

namespace caprock::server {

/// What the OpenAI surface works with; the composition root owns all of it and outlives the routes.
struct OpenAiParts {
  llm::ChatModel& chat;  ///< behind the gateway
  std::function<base::Awaitable<base::Result<std::vector<llm::ModelInfo>>>(const base::RequestContext&)>
      models;
  /// The embedding model of that name; `dimensions` 0 means its own. Errors name "model" or "dimensions".
  std::function<base::Result<std::shared_ptr<llm::Embedder>>(const std::string& model,
                                                             std::size_t dimensions)>
      embedder;
  const base::Clock& clock;
  std::size_t json_depth = 100;
  std::chrono::milliseconds heartbeat{15'000};  ///< between comments of a silent stream
};

/// /v1/chat/completions, /v1/responses, /v1/embeddings and /v1/models, also below /openai.
std::vector<Route> openai_routes(OpenAiParts parts);

}  // namespace caprock::server
