#pragma once

#include <functional>
#include <vector>

#include "llm/model_catalog.h"
#include "server/exchange.h"

namespace caprock::server {

/// Every model that can be asked here.
using ListModels =
    std::function<base::Awaitable<base::Result<std::vector<llm::ModelInfo>>>(const base::RequestContext&)>;

/// /v1/models and /v1/models/{id}: in Anthropic's shape for who sends `anthropic-version`, else in OpenAI's;
/// below /anthropic and /openai in the one that the path says.
std::vector<Route> model_routes(ListModels models);

}  // namespace caprock::server
