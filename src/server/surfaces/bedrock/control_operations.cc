#include <string_view>

#include "server/surfaces/bedrock/model_lists.h"
#include "server/surfaces/bedrock/operations.h"

namespace caprock::server::bedrock {

using base::Result;

namespace {

base::Awaitable<Result<std::vector<llm::ModelInfo>>> known_models(const BedrockParts& parts, Exchange& x) {
  if (!parts.models) co_return std::vector<llm::ModelInfo>();
  CAPROCK_CO_TRY(auto models, co_await parts.models(x.context));
  // Under the name that code which speaks to Bedrock knows, where that is enough to be asked.
  constexpr std::string_view kProvider = "bedrock/";
  for (llm::ModelInfo& model : models) {
    if (!model.id.starts_with(kProvider)) continue;
    std::string plain = model.id.substr(kProvider.size());
    if (parts.native.is_native(plain, llm::NativeOperation::kInvoke)) model.id = std::move(plain);
  }
  co_return models;
}

Done answer(Exchange& x, Result<std::string> body) {
  if (!body) co_return base::failure(std::move(body).error());
  co_return co_await respond(x.response, 200, headers_of(x), std::move(*body));
}

}  // namespace

Done list_foundation_models(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const ModelFilter filter, read_model_filter(x.request));
  CAPROCK_CO_TRY(const auto models, co_await known_models(parts, x));
  co_return co_await answer(x, foundation_models(models, filter));
}

Done get_foundation_model(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto models, co_await known_models(parts, x));
  co_return co_await answer(x, foundation_model(models, x.param(0)));
}

Done list_inference_profiles(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const ProfilePage page, read_profile_page(x.request));
  CAPROCK_CO_TRY(const auto models, co_await known_models(parts, x));
  co_return co_await answer(x, inference_profiles(models, page));
}

Done get_inference_profile(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto models, co_await known_models(parts, x));
  co_return co_await answer(x, inference_profile(models, x.param(0)));
}

}  // namespace caprock::server::bedrock
