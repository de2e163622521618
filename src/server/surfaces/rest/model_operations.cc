#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"

namespace caprock::server::rest {

namespace json = boost::json;

namespace {

json::value dollars(const std::optional<std::int64_t>& nano) {
  return nano ? json::value(static_cast<double>(*nano) / 1e9) : json::value(nullptr);
}

json::value count(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object model_json(const llm::ModelInfo& model) {
  return {{"model_id", model.id},
          {"name", model.name.empty() ? model.id : model.name},
          {"provider", model.provider},
          {"max_tokens", count(model.max_output_tokens)},
          {"context_tokens", count(model.context_tokens)},
          {"cost_per_token",
           {{"input", dollars(model.input_nano_usd)}, {"output", dollars(model.output_nano_usd)}}},
          {"available", model.available},
          {"performance_score", nullptr},
          {"last_updated",
           model.listed_at ? json::value(base::iso_time(*model.listed_at)) : json::value(nullptr)}};
}

Done list_models(const RestParts& parts, Exchange& x) {
  if (!parts.models) co_return base::failure(base::not_found("No models are listed here."));
  CAPROCK_CO_TRY(const auto models, co_await parts.models(x.context));
  json::array list;
  for (const auto& model : models) list.push_back(model_json(model));
  co_return co_await answer_json(x, 200, {{"models", std::move(list)}});
}

}  // namespace

std::vector<Operation> model_operations(const Parts& parts) {
  return {
      {.method = "GET",
       .pattern = "/models",
       .auth = AuthClass::kUser,
       .id = "listModels",
       .tag = "models",
       .summary = "The models that can be asked here.",
       .handler = bound(parts, list_models),
       .replies = {{.help =
                        "The models of the providers that are set up, and those inside. What a provider does "
                        "not say is null.",
                    .schema = "ModelList"}},
       .errors = {}}};
}

}  // namespace caprock::server::rest
