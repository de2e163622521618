#pragma once

#include <string>
#include <vector>

#include "llm/model_catalog.h"

namespace caprock::server::openai {

/// JSON texts. https://platform.openai.com/docs/api-reference/models
std::string model_list(const std::vector<llm::ModelInfo>& models);
std::string one_model(const llm::ModelInfo& model);

}  // namespace caprock::server::openai
