#include "providers/bedrock/token_counter.h"

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "base/json/json_writer.h"
#include "llm/token_estimate.h"
#include "providers/bedrock/converse_request.h"
#include "providers/bedrock/model_family.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

namespace {

/// "The provided model doesn't support counting tokens."
bool cannot_count(const base::Error& error) {
  return error.kind == base::ErrorKind::kInvalidArgument &&
         error.message.find("support counting tokens") != std::string::npos;
}

Result<std::int64_t> read_count(std::string_view body) {
  const auto value = base::parse_json(body);
  const boost::json::object* object = value ? value->if_object() : nullptr;
  const boost::json::value* tokens = object == nullptr ? nullptr : object->if_contains("inputTokens");
  if (tokens == nullptr || !tokens->is_int64() || tokens->get_int64() < 0)
    return failure(base::Error(base::ErrorKind::kUpstream, "no inputTokens").with_detail("no inputTokens"));
  return tokens->get_int64();
}

/// What would be sent, in the words of the operation that it would be sent by.
Result<std::string> input_of(const llm::ChatRequest& request, const invoke::Codec* codec) {
  base::JsonWriter out;
  out.open_object().key("input").open_object();
  if (codec == nullptr) {
    CAPROCK_TRY(const auto counted, converse_tokens_body(request));
    out.key("converse").raw(counted);
  } else {
    CAPROCK_TRY(const auto body, codec->body(request));
    out.key("invokeModel").open_object().key("body").blob(body).close_object();
  }
  out.close_object().close_object();
  return out.take();
}

}  // namespace

base::Awaitable<Result<llm::TokenCount>> BedrockTokenCounter::count(const base::RequestContext& context,
                                                                    llm::ChatRequest request) {
  CAPROCK_CO_TRY(auto input, input_of(request, apis_->codec_for(request.model)));
  Call call;
  // It knows models, not the profiles of regions that lead to them.
  call.path = model_path(request.model.starts_with("arn:") ? request.model : base_model(request.model),
                         "count-tokens");
  call.body = std::move(input);
  call.model = request.model;
  auto answer = co_await caller_->send(context, std::move(call));
  if (!answer && cannot_count(answer.error()))
    co_return llm::TokenCount{.input_tokens = llm::estimate_tokens(request), .estimated = true};
  if (!answer) co_return failure(std::move(answer).error());
  CAPROCK_CO_TRY(const auto body, co_await caller_->read_all(context, *answer));
  const auto tokens = read_count(body);
  if (!tokens) co_return failure(broken_answer(answer->place, tokens.error().detail));
  co_return llm::TokenCount{.input_tokens = *tokens};
}

}  // namespace caprock::providers::bedrock
