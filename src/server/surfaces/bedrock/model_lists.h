#pragma once

#include <string>
#include <vector>

#include "llm/model_catalog.h"

namespace caprock::server::bedrock {

// Answers of the control plane. An id of these lists is what a request may name.

/// ListFoundationModels: every model that can be asked here but inference profiles, whatever its provider.
std::string foundation_models(const std::vector<llm::ModelInfo>& models);
/// ListInferenceProfiles: ids of Bedrock that begin with a geography ("us.", "global.").
std::string inference_profiles(const std::vector<llm::ModelInfo>& models);

}  // namespace caprock::server::bedrock
