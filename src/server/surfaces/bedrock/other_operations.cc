#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/json/last_member.h"
#include "server/surfaces/bedrock/converse_request.h"
#include "server/surfaces/bedrock/invoke_dialect.h"
#include "server/surfaces/bedrock/operations.h"
#include "server/surfaces/bedrock/rerank.h"
#include "server/surfaces/bedrock/shape.h"

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;
using llm::NativeOperation;

namespace {

/// A body that was read already, for whoever parses it.
Result<json::value> parse(const BedrockParts& parts, std::string_view body) {
  if (body.empty()) return failure(base::invalid_argument("", "the request has no body"));
  return parse_json_body(body, parts.json);
}

// {"input":{"converse":{…}}} or {"input":{"invokeModel":{"body":"<base64>"}}}.
Result<llm::ChatRequest> read_counted(const BedrockParts& parts, const json::value& value,
                                      const std::string& model) {
  CAPROCK_TRY(const Shape body, Shape::of(value, "", {"input"}));
  CAPROCK_TRY(const Shape input, body.required_shape("input", {"converse", "invokeModel"}));
  CAPROCK_TRY(const std::string_view kind, input.sole());
  if (kind == "converse") return read_converse(*input.find("converse"), model, false);
  CAPROCK_TRY(const Shape call, input.required_shape("invokeModel", {"body"}));
  CAPROCK_TRY(const std::string encoded, call.required_text("body"));
  const auto bytes = base::base64_decode(encoded);
  if (!bytes) return failure(call.must_be("body", "base64"));
  CAPROCK_TRY(auto inner, parse_json_body(*bytes, parts.json));
  CAPROCK_TRY(InvokeRequest request, read_invoke(std::move(inner), model, false));
  return std::move(request.request);
}

/// Operations that Bedrock alone has: somebody has to have set it up.
Result<void> need_bedrock(const BedrockParts& parts, std::string_view field) {
  if (parts.native.is_native("", NativeOperation::kApplyGuardrail)) return {};
  return failure(
      base::not_found("this is done by Amazon Bedrock, which is not set up here: set AWS_REGION, and "
                      "credentials of AWS")
          .with_field(std::string(field)));
}

}  // namespace

Done count_tokens(const BedrockParts& parts, Exchange& x) {
  const std::string& model = x.param(0);
  if (parts.native.is_native(model, NativeOperation::kCountTokens))
    co_return co_await pass_model_call(parts, x, NativeOperation::kCountTokens);
  CAPROCK_CO_TRY(const auto body, co_await read_json(x.request, parts.json));
  CAPROCK_CO_TRY(auto request, read_counted(parts, body, model));
  if (parts.tokens == nullptr)
    co_return failure(base::invalid_argument("modelId", "the model doesn't support counting tokens"));
  CAPROCK_CO_TRY(const auto count, co_await parts.tokens->count(x.context, std::move(request)));
  co_return co_await respond(x.response, 200, headers_of(x),
                             fmt::format(R"({{"inputTokens":{}}})", count.input_tokens));
}

Done rerank(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto call, co_await read_call(x, NativeOperation::kRerank, ""));
  call.model = rerank_model(call.body);
  if (!call.model.empty() && parts.native.is_native(call.model, call.operation))
    co_return co_await pass_through(parts.native, x, std::move(call));
  CAPROCK_CO_TRY(const auto value, parse(parts, call.body));
  CAPROCK_CO_TRY(const RerankBody body, read_rerank(value));
  llm::Reranker* reranker = parts.reranker ? parts.reranker(body.model) : nullptr;
  if (reranker == nullptr)
    co_return failure(base::not_found(fmt::format("there is no reranker \"{}\" here", body.model))
                          .with_field("rerankingConfiguration.bedrockRerankingConfiguration."
                                      "modelConfiguration.modelArn"));
  CAPROCK_CO_TRY(const auto scores, co_await reranker->rerank(x.context, body.query, body.passages));
  co_return co_await respond(x.response, 200, headers_of(x), rerank_reply(body, scores));
}

Done apply_guardrail(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_CHECK(need_bedrock(parts, "guardrailIdentifier"));
  CAPROCK_CO_TRY(auto call, co_await read_call(x, NativeOperation::kApplyGuardrail, ""));
  call.labels = {x.param(0), x.param(1)};
  co_return co_await pass_through(parts.native, x, std::move(call));
}

Done start_async_invoke(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_CHECK(need_bedrock(parts, "modelId"));
  CAPROCK_CO_TRY(auto call, co_await read_call(x, NativeOperation::kStartAsyncInvoke, ""));
  call.model = base::last_text(call.body, "modelId");
  if (!parts.native.is_native(call.model, call.operation))
    co_return failure(base::invalid_argument(
        "modelId", fmt::format("the model \"{}\" is not one of Amazon Bedrock, which alone has asynchronous "
                               "invocations",
                               call.model)));
  co_return co_await pass_through(parts.native, x, std::move(call));
}

Done get_async_invoke(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_CHECK(need_bedrock(parts, "invocationArn"));
  CAPROCK_CO_TRY(auto call, co_await read_call(x, NativeOperation::kGetAsyncInvoke, ""));
  call.labels = {x.param(0)};
  co_return co_await pass_through(parts.native, x, std::move(call));
}

Done list_async_invokes(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_CHECK(need_bedrock(parts, ""));
  CAPROCK_CO_TRY(auto call, co_await read_call(x, NativeOperation::kListAsyncInvokes, ""));
  co_return co_await pass_through(parts.native, x, std::move(call));
}

}  // namespace caprock::server::bedrock
