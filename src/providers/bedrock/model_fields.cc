#include "providers/bedrock/model_fields.h"

#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "base/json/json_text.h"
#include "base/json/json_writer.h"
#include "providers/bedrock/content_writer.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

namespace {

using Members = std::vector<std::pair<std::string, std::string>>;  // name, JSON text
using Mode = llm::ReasoningSettings::Mode;

Result<void> add_top_k(const llm::ChatRequest& request, Family family, Members& members) {
  if (!request.inference.top_k) return {};
  const std::string value = std::to_string(*request.inference.top_k);
  switch (family) {
    case Family::kClaude:
    case Family::kMistral:
      members.emplace_back("top_k", value);
      return {};
    case Family::kCohere:
      members.emplace_back("k", value);
      return {};
    case Family::kNova:
      members.emplace_back("inferenceConfig", R"({"topK":)" + value + "}");
      return {};
    default:
      return failure(not_expressible("top_k", "this model takes no top_k over Bedrock: leave top_k out"));
  }
}

// https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html
Result<void> add_claude_thinking(const llm::ReasoningSettings& asked, Members& members) {
  if (asked.mode == Mode::kUnset) {
    if (asked.budget_tokens)
      return failure(not_expressible("thinking.type", "a budget of thinking needs thinking.type"));
    if (!asked.summary.empty()) return failure(not_expressible("reasoning.summary"));
    return {};
  }
  base::JsonWriter out;
  out.open_object().key("type").text(asked.mode == Mode::kEnabled    ? "enabled"
                                     : asked.mode == Mode::kAdaptive ? "adaptive"
                                                                     : "disabled");
  if (asked.mode == Mode::kEnabled) {
    if (!asked.budget_tokens)
      return failure(
          not_expressible("thinking.budget_tokens", "Claude wants thinking.budget_tokens, 1,024 or more"));
    out.key("budget_tokens").number(*asked.budget_tokens);
  }
  if (asked.summary == "summarized" || asked.summary == "omitted")
    out.key("display").text(asked.summary);
  else if (!asked.summary.empty())
    return failure(not_expressible("reasoning.summary", "Claude shows thoughts as summarized or omitted"));
  out.close_object();
  members.emplace_back("thinking", out.take());
  return {};
}

// https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
Result<void> add_nova_reasoning(const llm::ReasoningSettings& asked, Members& members) {
  if (asked.budget_tokens)
    return failure(not_expressible("thinking.budget_tokens", "Nova thinks by effort: low, medium or high"));
  if (asked.mode == Mode::kAdaptive) return failure(not_expressible("thinking.type"));
  const bool on = asked.mode == Mode::kEnabled || (asked.mode == Mode::kUnset && !asked.effort.empty());
  base::JsonWriter out;
  out.open_object().key("type").text(on ? "enabled" : "disabled");
  if (on && !asked.effort.empty()) out.key("maxReasoningEffort").text(asked.effort);
  out.close_object();
  members.emplace_back("reasoningConfig", out.take());
  return {};
}

/// Families whose only word is an effort.
Result<void> add_effort(const llm::ReasoningSettings& asked, std::string name, Members& members) {
  if (asked.budget_tokens) return failure(not_expressible("thinking.budget_tokens"));
  if (asked.mode == Mode::kDisabled || asked.mode == Mode::kAdaptive || asked.effort.empty())
    return failure(not_expressible("thinking.type", "this model thinks by reasoning_effort only"));
  members.emplace_back(std::move(name), base::json_quoted(asked.effort));
  return {};
}

Result<void> add_reasoning(const llm::ChatRequest& request, Family family, Members& members) {
  if (!request.reasoning) return {};
  const llm::ReasoningSettings& asked = *request.reasoning;
  if (family == Family::kClaude) return add_claude_thinking(asked, members);
  if (!asked.summary.empty() && asked.summary != "auto") return failure(not_expressible("reasoning.summary"));
  if (family == Family::kNova) return add_nova_reasoning(asked, members);
  if (family == Family::kGptOss) return add_effort(asked, "reasoning_effort", members);
  if (family == Family::kDeepSeek) return add_effort(asked, "reasoning_config", members);
  if (asked.mode == Mode::kDisabled || (asked.mode == Mode::kUnset && asked.effort == "none")) return {};
  return failure(
      not_expressible(asked.effort.empty() ? "thinking" : "reasoning_effort",
                      "it is not known how this model is told to think: use additionalModelRequestFields"));
}

Result<void> add_one_tool_at_a_time(const llm::ChatRequest& request, Family family, Members& members) {
  if (request.parallel_tools.value_or(true)) return {};
  if (family != Family::kClaude)
    return failure(not_expressible("parallel_tool_calls", "this model may call several tools in one turn"));
  using enum llm::ToolChoice::Kind;
  const llm::ToolChoice choice = request.tool_choice.value_or(llm::ToolChoice{});
  base::JsonWriter out;
  out.open_object().key("type").text(choice.kind == kAny ? "any" : choice.kind == kTool ? "tool" : "auto");
  if (choice.kind == kTool) out.key("name").text(choice.name);
  out.key("disable_parallel_tool_use").boolean(true).close_object();
  members.emplace_back("tool_choice", out.take());
  return {};
}

// Bedrock answers a name that it does not know with a ValidationException.
void add_betas(const llm::ChatRequest& request, Family family, Members& members) {
  if (request.betas.empty() || family != Family::kClaude) return;
  base::JsonWriter out;
  out.open_array();
  for (const std::string& beta : request.betas) out.text(beta);
  out.close_array();
  members.emplace_back("anthropic_beta", out.take());
}

}  // namespace

std::string effort_of(const llm::ChatRequest& request, Family family) {
  if (!request.reasoning || family != Family::kClaude) return {};
  return request.reasoning->effort == "none" ? std::string() : request.reasoning->effort;
}

Result<std::string> model_fields(const llm::ChatRequest& request, Family family) {
  Members members;
  CAPROCK_CHECK(add_top_k(request, family, members));
  CAPROCK_CHECK(add_reasoning(request, family, members));
  CAPROCK_CHECK(add_one_tool_at_a_time(request, family, members));
  add_betas(request, family, members);
  std::string_view given = request.additional_fields_json;
  if (members.empty() && given.empty()) return std::string();
  CAPROCK_TRY(given, checked_object(given, "additionalModelRequestFields"));
  const auto parsed = base::parse_json(given);
  // The caller's text stays as it is, for numbers would not survive being read: ours are put before its end.
  std::string out(given.substr(0, given.find_last_of('}')));
  bool empty = parsed->get_object().empty();
  for (const auto& [name, value] : members) {
    if (parsed->get_object().contains(name))
      return failure(base::invalid_argument("additionalModelRequestFields." + name,
                                            "is said by another field of the request already"));
    if (!std::exchange(empty, false)) out += ',';
    out += base::json_quoted(name) + ":" + value;
  }
  return out + "}";
}

}  // namespace caprock::providers::bedrock
