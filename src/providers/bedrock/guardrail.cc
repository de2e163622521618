#include "providers/bedrock/guardrail.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "base/json/json_writer.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

Result<void> write_block(base::JsonWriter& out, const llm::GuardBlock& block, std::size_t index) {
  out.open_object();
  if (block.image) {
    if (!block.image->source.uri.empty() || block.image->format.empty())
      return failure(base::invalid_argument(fmt::format("content[{}].image", index),
                                            "a guardrail takes images as bytes of a stated format"));
    out.key("image").open_object().key("format").text(block.image->format);
    out.key("source").open_object().key("bytes").blob(block.image->source.bytes).close_object();
    out.close_object();
  } else {
    out.key("text").open_object().key("text").text(block.text);
    if (!block.qualifiers.empty()) {
      out.key("qualifiers").open_array();
      for (const std::string& qualifier : block.qualifiers) out.text(qualifier);
      out.close_array();
    }
    out.close_object();
  }
  out.close_object();
  return {};
}

std::string part_of(const json::object& reply, std::string_view name, std::string_view missing) {
  const json::value* value = reply.if_contains(name);
  return value == nullptr || value->is_null() ? std::string(missing) : base::json_text(*value);
}

}  // namespace

Result<std::string> guardrail_body(const llm::GuardrailRequest& request) {
  base::JsonWriter out;
  out.open_object().key("source").text(request.source == llm::GuardrailRequest::Source::kInput ? "INPUT"
                                                                                               : "OUTPUT");
  out.key("content").open_array();
  for (std::size_t i = 0; i < request.content.size(); ++i)
    CAPROCK_CHECK(write_block(out, request.content[i], i));
  out.close_array();
  if (!request.output_scope.empty()) out.key("outputScope").text(request.output_scope);
  out.close_object();
  return out.take();
}

Result<llm::GuardrailReply> read_guardrail_reply(std::string_view body) {
  const auto value = base::parse_json(body);
  const json::object* reply = value ? value->if_object() : nullptr;
  if (reply == nullptr) return failure(unreadable("a guardrail's answer that is no JSON object"));
  llm::GuardrailReply out;
  const std::string action = text_of(*reply, "action");
  // What was not understood must not pass for "nothing was found".
  if (action != "NONE" && action != "GUARDRAIL_INTERVENED")
    return failure(unreadable("a guardrail's action that is not known: " + action));
  out.intervened = action != "NONE";
  out.action_reason = text_of(*reply, "actionReason");
  if (const json::array* outputs = array_of(*reply, "outputs")) {
    for (const json::value& one : *outputs)
      if (const json::object* said = one.if_object()) out.outputs.push_back(text_of(*said, "text"));
  }
  out.assessments_json = part_of(*reply, "assessments", "[]");
  out.usage_json = part_of(*reply, "usage", "{}");
  out.coverage_json = part_of(*reply, "guardrailCoverage", "");
  return out;
}

base::Awaitable<Result<llm::GuardrailReply>> BedrockGuardrail::apply(const base::RequestContext& context,
                                                                     llm::GuardrailRequest request) {
  CAPROCK_CO_TRY(auto body, guardrail_body(request));
  Call call;
  call.path = fmt::format("/guardrail/{}/version/{}/apply", aws::uri_encode(request.id),
                          aws::uri_encode(request.version));
  call.body = std::move(body);
  auto answer = co_await caller_->send(context, std::move(call));
  if (!answer) {
    base::Error error = std::move(answer).error();
    if (error.kind == base::ErrorKind::kNotFound) error.field = "guardrailIdentifier";
    co_return failure(std::move(error));
  }
  CAPROCK_CO_TRY(const auto text, co_await caller_->read_all(context, *answer));
  auto read = read_guardrail_reply(text);
  if (!read) co_return failure(broken_answer(answer->place, std::move(read).error().detail));
  co_return std::move(*read);
}

}  // namespace caprock::providers::bedrock
