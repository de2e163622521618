#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/model_catalog.h"
#include "providers/openai_compatible/dialect.h"

namespace caprock::providers::openai {

/// The answer to GET /models, with what OpenRouter and vLLM say besides the ids. Ids get the dialect's name
/// as their prefix. kUpstream for what is no list of models.
base::Result<std::vector<llm::ModelInfo>> decode_models(const Dialect& dialect, std::string_view body);

}  // namespace caprock::providers::openai
