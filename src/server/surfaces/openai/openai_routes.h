#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "llm/chat_model.h"
#include "llm/embedder.h"
#include "server/exchange.h"

namespace caprock::server {

/// What the OpenAI surface works with; the composition root owns all of it and outlives the routes.
struct OpenAiParts {
  llm::ChatModel& chat;  ///< behind the gateway
  /// The embedding model of that name; `dimensions` 0 means its own. Errors name "model" or "dimensions".
  std::function<base::Result<std::shared_ptr<llm::Embedder>>(const std::string& model,
                                                             std::size_t dimensions)>
      embedder;
  const base::Clock& clock;
  std::size_t json_depth = 100;
  std::chrono::milliseconds heartbeat{15'000};  ///< between comments of a silent stream
};

/// /v1/chat/completions, /v1/responses and /v1/embeddings, also below /openai. (/v1/models is in
/// surfaces/models.)
std::vector<Route> openai_routes(OpenAiParts parts);

}  // namespace caprock::server
