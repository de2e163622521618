#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/model_catalog.h"
#include "server/exchange.h"

namespace caprock::server::bedrock {

// Answers of the control plane. An id of these lists is what a request may name.

/// What ListFoundationModels is asked for; empty members: all.
struct ModelFilter {
  std::string provider = {};  ///< "Anthropic", or one of ours: "openai"
  std::string output = {};    ///< text, image, embedding
  bool on_demand = true;      ///< false: models that need capacity of one's own, which are not listed here
  bool customizable = false;  ///< likewise
};
/// kInvalidArgument with the query parameter.
base::Result<ModelFilter> read_model_filter(const Request& request);

/// ListFoundationModels: every model that can be asked here but inference profiles, whatever its provider.
std::string foundation_models(const std::vector<llm::ModelInfo>& models, const ModelFilter& filter);
/// GetFoundationModel, by id or ARN. kNotFound with field "modelIdentifier".
base::Result<std::string> foundation_model(const std::vector<llm::ModelInfo>& models,
                                           std::string_view wanted);

/// What ListInferenceProfiles is asked for.
struct ProfilePage {
  std::string type = {};  ///< SYSTEM_DEFINED, APPLICATION; empty: both
  std::size_t first = 0;
  std::size_t most = 1000;
};
/// kInvalidArgument with the query parameter.
base::Result<ProfilePage> read_profile_page(const Request& request);

/// ListInferenceProfiles: ids of Bedrock that begin with a geography ("us.", "global."), and ARNs of
/// profiles.
std::string inference_profiles(const std::vector<llm::ModelInfo>& models, const ProfilePage& page);
/// GetInferenceProfile. kNotFound with field "inferenceProfileIdentifier".
base::Result<std::string> inference_profile(const std::vector<llm::ModelInfo>& models,
                                            std::string_view wanted);

}  // namespace caprock::server::bedrock
