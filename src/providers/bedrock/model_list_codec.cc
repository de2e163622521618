#include "providers/bedrock/model_list_codec.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "base/json/json_text.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

std::vector<std::string> lower_texts(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  const json::array* list = array_of(object, name);
  if (list == nullptr) return out;
  for (const json::value& item : *list) {
    if (!item.is_string()) continue;
    std::string& text = out.emplace_back(item.get_string());
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  return out;
}

Result<json::value> list_in(std::string_view body, std::string_view name) {
  auto parsed = base::parse_json(body);
  if (!parsed || !parsed->is_object() || array_of(parsed->get_object(), name) == nullptr)
    return failure(unreadable("no list '" + std::string(name) + "'"));
  return parsed;
}

/// The last part of an ARN.
std::string_view name_in(std::string_view arn) { return arn.substr(arn.rfind('/') + 1); }

}  // namespace

Result<void> read_foundation_models(std::string_view body, std::vector<llm::ModelInfo>& models) {
  CAPROCK_TRY(const json::value listed, list_in(body, "modelSummaries"));
  for (const json::value& item : *array_of(listed.get_object(), "modelSummaries")) {
    const json::object* one = item.if_object();
    if (one == nullptr) continue;
    const auto ways = lower_texts(*one, "inferenceTypesSupported");
    if (std::ranges::find(ways, "on_demand") == ways.end()) continue;
    llm::ModelInfo info{.id = "bedrock/" + text_of(*one, "modelId")};
    info.name = text_of(*one, "modelName");
    info.provider = "bedrock";
    info.input_kinds = lower_texts(*one, "inputModalities");
    info.output_kinds = lower_texts(*one, "outputModalities");
    models.push_back(std::move(info));
  }
  return {};
}

Result<std::string> read_inference_profiles(std::string_view body, std::vector<llm::ModelInfo>& models) {
  CAPROCK_TRY(const json::value listed, list_in(body, "inferenceProfileSummaries"));
  const json::object& page = listed.get_object();
  for (const json::value& item : *array_of(page, "inferenceProfileSummaries")) {
    const json::object* one = item.if_object();
    if (one == nullptr) continue;
    const bool own = text_of(*one, "type") == "APPLICATION";
    llm::ModelInfo info{.id = "bedrock/" + text_of(*one, own ? "inferenceProfileArn" : "inferenceProfileId")};
    info.name = text_of(*one, "inferenceProfileName");
    info.provider = "bedrock";
    info.available = text_of(*one, "status") == "ACTIVE";
    // What the models behind it take and give.
    const json::array* behind = array_of(*one, "models");
    const json::object* first = behind == nullptr || behind->empty() ? nullptr : behind->front().if_object();
    const std::string arn = first == nullptr ? std::string() : text_of(*first, "modelArn");
    const auto known = std::ranges::find(models, "bedrock/" + std::string(name_in(arn)), &llm::ModelInfo::id);
    if (known != models.end()) {
      info.input_kinds = known->input_kinds;
      info.output_kinds = known->output_kinds;
    }
    models.push_back(std::move(info));
  }
  return text_of(page, "nextToken");
}

}  // namespace caprock::providers::bedrock
