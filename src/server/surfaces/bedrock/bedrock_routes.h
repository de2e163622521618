#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "llm/chat_model.h"
#include "llm/model_catalog.h"
#include "llm/native_model.h"
#include "llm/reranker.h"
#include "llm/token_counter.h"
#include "server/exchange.h"
#include "server/json_body.h"

namespace caprock::server {

/// What the surface works with; the composition root owns all of it and outlives the routes.
struct BedrockParts {
  llm::ChatModel& chat;      ///< behind the gateway
  llm::NativeModel& native;  ///< behind the gateway
  const base::Clock& clock;
  /// Every model that can be asked here.
  std::function<base::Awaitable<base::Result<std::vector<llm::ModelInfo>>>(const base::RequestContext&)>
      models;
  JsonLimits json;
  llm::TokenCounter* tokens = nullptr;  ///< for models that are not native; null: nobody counts
  /// The reranker of that name which is not Bedrock's; null, or empty: there is none.
  std::function<llm::Reranker*(const std::string& model)> reranker = {};
};

/// Bedrock's own API, for stock AWS SDKs: bedrock-runtime (Converse, InvokeModel, CountTokens,
/// ApplyGuardrail, asynchronous invocations), Rerank of bedrock-agent-runtime, and what the control plane
/// says of models and inference profiles. Requests to a model of Bedrock pass through unread, others are
/// translated.
std::vector<Route> bedrock_routes(BedrockParts parts);

}  // namespace caprock::server
