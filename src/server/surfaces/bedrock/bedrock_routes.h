#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "llm/chat_model.h"
#include "llm/model_catalog.h"
#include "server/exchange.h"
#include "server/json_body.h"

namespace caprock::server {

/// What the surface works with; the composition root owns all of it and outlives the routes.
struct BedrockParts {
  llm::ChatModel& chat;
  const base::Clock& clock;
  /// Every model that can be asked here.
  std::function<base::Awaitable<base::Result<std::vector<llm::ModelInfo>>>(const base::RequestContext&)>
      models;
  JsonLimits json;
};

/// Bedrock's own API, for stock AWS SDKs: /model/{modelId}/converse and converse-stream of bedrock-runtime,
/// /foundation-models and /inference-profiles of the control plane.
std::vector<Route> bedrock_routes(BedrockParts parts);

}  // namespace caprock::server
