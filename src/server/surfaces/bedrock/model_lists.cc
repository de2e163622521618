#include "server/surfaces/bedrock/model_lists.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>

#include "base/json/json_text.h"

namespace caprock::server::bedrock {

namespace json = boost::json;

namespace {

std::string_view without_provider(std::string_view id) {
  constexpr std::string_view kProvider = "bedrock/";
  return id.starts_with(kProvider) ? id.substr(kProvider.size()) : id;
}

bool is_profile(const llm::ModelInfo& model) {
  constexpr std::array<std::string_view, 8> kGeographies{"us.", "eu.", "apac.", "global.",
                                                         "jp.", "au.", "ca.",   "us-gov."};
  return model.provider == "bedrock" && std::ranges::any_of(kGeographies, [&](std::string_view prefix) {
           return without_provider(model.id).starts_with(prefix);
         });
}

json::array upper(const std::vector<std::string>& kinds) {
  json::array list;
  for (std::string kind : kinds) {
    for (char& c : kind) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    list.emplace_back(kind);
  }
  return list;
}

const std::string& name_of(const llm::ModelInfo& model) { return model.name.empty() ? model.id : model.name; }

}  // namespace

std::string foundation_models(const std::vector<llm::ModelInfo>& models) {
  json::array list;
  for (const llm::ModelInfo& model : models) {
    if (is_profile(model)) continue;
    // There is no ARN of AWS's to tell; a request may name a model by its id only.
    json::object summary{{"modelArn", model.id},
                         {"modelId", model.id},
                         {"modelName", name_of(model)},
                         {"providerName", model.provider}};
    if (!model.input_kinds.empty()) summary["inputModalities"] = upper(model.input_kinds);
    if (!model.output_kinds.empty()) summary["outputModalities"] = upper(model.output_kinds);
    list.push_back(std::move(summary));
  }
  json::object out;
  out["modelSummaries"] = std::move(list);
  return base::json_text(out);
}

std::string inference_profiles(const std::vector<llm::ModelInfo>& models) {
  json::array list;
  for (const llm::ModelInfo& model : models) {
    if (!is_profile(model)) continue;
    list.push_back({{"inferenceProfileName", name_of(model)},
                    {"inferenceProfileArn", model.id},
                    {"inferenceProfileId", model.id},
                    {"models", json::array()},
                    {"status", "ACTIVE"},
                    {"type", "SYSTEM_DEFINED"}});
  }
  json::object out;
  out["inferenceProfileSummaries"] = std::move(list);
  return base::json_text(out);
}

}  // namespace caprock::server::bedrock
