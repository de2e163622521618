#include "server/surfaces/bedrock/model_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <charconv>

#include "base/json/json_text.h"

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

bool is_profile_arn(std::string_view id) { return id.contains("inference-profile/"); }
bool is_own_profile(const llm::ModelInfo& model) {
  return model.id.contains(":application-inference-profile/");
}

std::string_view without_provider(std::string_view id) {
  constexpr std::string_view kProvider = "bedrock/";
  return id.starts_with(kProvider) ? id.substr(kProvider.size()) : id;
}

bool is_profile(const llm::ModelInfo& model) {
  constexpr std::array<std::string_view, 9> kGeographies{"us.", "eu.", "apac.", "ap.",    "global.",
                                                         "jp.", "au.", "ca.",   "us-gov."};
  const std::string_view id = without_provider(model.id);
  return model.provider == "bedrock" &&
         (is_profile_arn(id) ||
          std::ranges::any_of(kGeographies, [&](std::string_view prefix) { return id.starts_with(prefix); }));
}

std::string cased(std::string text, int (*to)(int)) {
  for (char& c : text) c = static_cast<char>(to(static_cast<unsigned char>(c)));
  return text;
}

json::array upper(const std::vector<std::string>& kinds) {
  json::array list;
  for (const std::string& kind : kinds) list.emplace_back(cased(kind, std::toupper));
  return list;
}

const std::string& name_of(const llm::ModelInfo& model) { return model.name.empty() ? model.id : model.name; }

/// As AWS names who made a model; of other providers, the provider.
std::string provider_of(const llm::ModelInfo& model) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kMakers{
      {{"ai21", "AI21 Labs"},
       {"deepseek", "DeepSeek"},
       {"mistral", "Mistral AI"},
       {"openai", "OpenAI"},
       {"stability", "Stability AI"},
       {"twelvelabs", "TwelveLabs"},
       {"nvidia", "NVIDIA"},
       {"minimax", "MiniMax"},
       {"zai", "Z.AI"}}};
  const std::string_view id = without_provider(model.id);
  const auto dot = id.find('.');
  if (model.provider != "bedrock" || dot == std::string_view::npos || id.starts_with("arn:"))
    return model.provider;
  const std::string_view word = id.substr(0, dot);
  const auto* known = std::ranges::find(kMakers, word, &std::pair<std::string_view, std::string_view>::first);
  if (known != kMakers.end()) return std::string(known->second);
  std::string name(word);
  name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

bool fits(const llm::ModelInfo& model, const ModelFilter& filter) {
  if (is_profile(model) || !filter.on_demand || filter.customizable) return false;
  const std::string wanted = cased(filter.provider, std::tolower);
  if (!wanted.empty() && cased(provider_of(model), std::tolower) != wanted && model.provider != wanted)
    return false;
  return filter.output.empty() ||
         std::ranges::find(model.output_kinds, filter.output) != model.output_kinds.end();
}

json::object summary_of(const llm::ModelInfo& model) {
  // There is no ARN of AWS's to tell; a request may name a model by its id only.
  json::object summary{{"modelArn", model.id},
                       {"modelId", model.id},
                       {"modelName", name_of(model)},
                       {"providerName", provider_of(model)},
                       {"inferenceTypesSupported", json::array{"ON_DEMAND"}}};
  if (!model.input_kinds.empty()) summary["inputModalities"] = upper(model.input_kinds);
  if (!model.output_kinds.empty()) summary["outputModalities"] = upper(model.output_kinds);
  return summary;
}

json::object profile_of(const llm::ModelInfo& model) {
  return {{"inferenceProfileName", name_of(model)},
          {"inferenceProfileArn", model.id},
          {"inferenceProfileId", model.id},
          {"models", json::array()},
          {"status", "ACTIVE"},
          {"type", is_own_profile(model) ? "APPLICATION" : "SYSTEM_DEFINED"}};
}

bool is_called(const llm::ModelInfo& model, std::string_view wanted) {
  if (model.id == wanted || without_provider(model.id) == wanted) return true;
  const auto slash = wanted.rfind('/');
  return wanted.starts_with("arn:") && without_provider(model.id) == wanted.substr(slash + 1);
}

/// One of `choices`, or nothing.
Result<std::string> query_choice(const Request& request, std::string_view name,
                                 std::initializer_list<std::string_view> choices) {
  const std::string said = request.query_value(name).value_or("");
  if (!said.empty() && std::ranges::find(choices, said) == choices.end())
    return failure(base::invalid_argument(
        std::string(name), fmt::format("{} must be one of: {}", name, fmt::join(choices, ", "))));
  return said;
}

Result<std::size_t> query_number(const Request& request, std::string_view name, std::size_t otherwise,
                                 std::size_t min, std::size_t max) {
  const auto said = request.query_value(name);
  if (!said) return otherwise;
  std::size_t number = 0;
  const auto read = std::from_chars(said->data(), said->data() + said->size(), number);
  if (read.ec != std::errc() || read.ptr != said->data() + said->size() || number < min || number > max)
    return failure(base::invalid_argument(
        std::string(name), min == 0 ? fmt::format("{} is not a token that was given here", name)
                                    : fmt::format("{} must be an integer from {} to {}", name, min, max)));
  return number;
}

}  // namespace

Result<ModelFilter> read_model_filter(const Request& request) {
  ModelFilter filter;
  filter.provider = request.query_value("byProvider").value_or("");
  CAPROCK_TRY(const std::string output,
              query_choice(request, "byOutputModality", {"TEXT", "IMAGE", "EMBEDDING"}));
  filter.output = cased(output, std::tolower);
  CAPROCK_TRY(const std::string way, query_choice(request, "byInferenceType", {"ON_DEMAND", "PROVISIONED"}));
  filter.on_demand = way != "PROVISIONED";
  CAPROCK_TRY(const std::string custom,
              query_choice(request, "byCustomizationType",
                           {"FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION"}));
  filter.customizable = !custom.empty();
  return filter;
}

std::string foundation_models(const std::vector<llm::ModelInfo>& models, const ModelFilter& filter) {
  json::array list;
  for (const llm::ModelInfo& model : models)
    if (fits(model, filter)) list.push_back(summary_of(model));
  json::object out;
  out["modelSummaries"] = std::move(list);
  return base::json_text(out);
}

Result<std::string> foundation_model(const std::vector<llm::ModelInfo>& models, std::string_view wanted) {
  const auto found = std::ranges::find_if(
      models, [&](const llm::ModelInfo& model) { return !is_profile(model) && is_called(model, wanted); });
  if (found == models.end())
    return failure(base::not_found(fmt::format("the model {} could not be found", wanted))
                       .with_field("modelIdentifier"));
  json::object out;
  out["modelDetails"] = summary_of(*found);
  return base::json_text(out);
}

Result<ProfilePage> read_profile_page(const Request& request) {
  ProfilePage page;
  CAPROCK_TRY(page.type, query_choice(request, "type", {"SYSTEM_DEFINED", "APPLICATION"}));
  CAPROCK_TRY(page.most, query_number(request, "maxResults", 1000, 1, 1000));
  CAPROCK_TRY(page.first, query_number(request, "nextToken", 0, 0, 1'000'000));
  return page;
}

std::string inference_profiles(const std::vector<llm::ModelInfo>& models, const ProfilePage& page) {
  json::array list;
  std::size_t seen = 0;
  bool more = false;
  for (const llm::ModelInfo& model : models) {
    if (!is_profile(model)) continue;
    json::object profile = profile_of(model);
    if (!page.type.empty() && profile.at("type").as_string() != page.type) continue;
    if (seen++ < page.first) continue;
    more = list.size() == page.most;
    if (more) break;
    list.push_back(std::move(profile));
  }
  json::object out;
  out["inferenceProfileSummaries"] = std::move(list);
  if (more) out["nextToken"] = std::to_string(page.first + page.most);
  return base::json_text(out);
}

Result<std::string> inference_profile(const std::vector<llm::ModelInfo>& models, std::string_view wanted) {
  const auto found = std::ranges::find_if(
      models, [&](const llm::ModelInfo& model) { return is_profile(model) && is_called(model, wanted); });
  if (found == models.end())
    return failure(base::not_found(fmt::format("the inference profile {} could not be found", wanted))
                       .with_field("inferenceProfileIdentifier"));
  return base::json_text(profile_of(*found));
}

}  // namespace caprock::server::bedrock
