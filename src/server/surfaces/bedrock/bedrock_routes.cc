#include "server/surfaces/bedrock/bedrock_routes.h"

#include "server/surfaces/bedrock/operations.h"

namespace caprock::server {
namespace bedrock {

Headers headers_of(const Exchange& x, std::string_view content_type) {
  return {{"content-type", std::string(content_type)}, {"x-amzn-requestid", x.context.request_id.str()}};
}

Done pass_model_call(const BedrockParts& parts, Exchange& x, llm::NativeOperation operation) {
  CAPROCK_CO_TRY(auto call, co_await read_call(x, operation, x.param(0)));
  co_return co_await pass_through(parts.native, x, std::move(call));
}

}  // namespace bedrock

std::vector<Route> bedrock_routes(BedrockParts given) {
  const auto parts = std::make_shared<const BedrockParts>(std::move(given));
  const auto route = [&parts](std::string_view method, std::string_view pattern, auto operation) {
    return Route{.method = method,
                 .pattern = pattern,
                 .auth = AuthClass::kUser,
                 .dialect = Dialect::kBedrock,
                 .handler = [parts, operation](Exchange& x) { return operation(*parts, x); }};
  };
  using namespace bedrock;
  return {route("POST", "/model/{modelId}/converse", converse),
          route("POST", "/model/{modelId}/converse-stream", converse_stream),
          route("POST", "/model/{modelId}/invoke", invoke),
          route("POST", "/model/{modelId}/invoke-with-response-stream", invoke_stream),
          route("POST", "/model/{modelId}/count-tokens", count_tokens),
          route("POST", "/guardrail/{guardrailIdentifier}/version/{guardrailVersion}/apply", apply_guardrail),
          route("POST", "/async-invoke", start_async_invoke),
          route("GET", "/async-invoke", list_async_invokes),
          route("GET", "/async-invoke/{invocationArn}", get_async_invoke),
          route("POST", "/rerank", rerank),
          route("GET", "/foundation-models", list_foundation_models),
          route("GET", "/foundation-models/{modelIdentifier}", get_foundation_model),
          route("GET", "/inference-profiles", list_inference_profiles),
          route("GET", "/inference-profiles/{inferenceProfileIdentifier}", get_inference_profile)};
}

}  // namespace caprock::server
