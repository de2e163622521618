#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/model_catalog.h"

namespace caprock::providers::bedrock {

/// Appends the models of ListFoundationModels that can be called on demand. kUpstream when it cannot be read.
base::Result<void> read_foundation_models(std::string_view body, std::vector<llm::ModelInfo>& models);

/// Appends the profiles of one page of ListInferenceProfiles; the token of the next page, empty for none.
base::Result<std::string> read_inference_profiles(std::string_view body, std::vector<llm::ModelInfo>& models);

}  // namespace caprock::providers::bedrock
