#include "server/surfaces/anthropic/messages/reply_parts.h"

#include <boost/json.hpp>
#include <string>

#include "base/json/json_text.h"
#include "server/surfaces/anthropic/messages/citations.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

class BlockWriter {
 public:
  using Written = Result<json::object>;

  Written operator()(const llm::TextBlock& block) const {
    json::object out{{"type", "text"}, {"text", block.text}};
    if (block.citations.empty()) return out;
    json::array citations;
    for (const llm::Citation& citation : block.citations) citations.push_back(citation_json(citation));
    out["citations"] = std::move(citations);
    return out;
  }
  // The stop reason says that it is one.
  Written operator()(const llm::RefusalBlock& block) const {
    return json::object{{"type", "text"}, {"text", block.text}};
  }
  Written operator()(const llm::ReasoningBlock& block) const {
    if (!block.redacted.empty()) return json::object{{"type", "redacted_thinking"}, {"data", block.redacted}};
    return json::object{{"type", "thinking"}, {"thinking", block.text}, {"signature", block.signature}};
  }
  Written operator()(const llm::ToolUseBlock& block) const {
    auto input =
        block.input_json.empty() ? Result<json::value>(json::object()) : base::parse_json(block.input_json);
    if (!input || !input->is_object())
      return failure(base::Error(base::ErrorKind::kUpstream, "The model's arguments of the tool '" +
                                                                 block.name + "' are no JSON object."));
    json::object out{{"type", "tool_use"}, {"id", block.id}, {"name", block.name}};
    out["input"] = *std::move(input);
    return out;
  }
  template <class Other>
  Written operator()(const Other& block) const {
    return failure(base::Error(base::ErrorKind::kUpstream,
                               "The model answered with a block that this API does not have: " +
                                   std::string(llm::kind_of(llm::ContentBlock(block)))));
  }
};

// Bedrock's "default" is Anthropic's "standard".
std::string_view tier_name(std::string_view tier) { return tier == "default" ? "standard" : tier; }

}  // namespace

std::optional<std::string_view> stop_reason_name(llm::StopReason reason) {
  using enum llm::StopReason;
  switch (reason) {
    case kEndTurn:
      return "end_turn";
    case kMaxTokens:
      return "max_tokens";
    case kStopSequence:
      return "stop_sequence";
    case kToolUse:
      return "tool_use";
    case kContentFiltered:
    case kGuardrail:
    case kRefusal:
      return "refusal";
    case kPauseTurn:
      return "pause_turn";
    case kContextWindowExceeded:
      return "model_context_window_exceeded";
    case kMalformedOutput:
    case kMalformedToolUse:
      return std::nullopt;
  }
  return std::nullopt;
}

json::object usage_json(const llm::StreamMetadata& metadata) {
  if (!metadata.usage_known) return {{"input_tokens", nullptr}, {"output_tokens", nullptr}};
  const llm::Usage& usage = metadata.usage;
  json::object out{{"input_tokens", usage.input_tokens},
                   {"cache_creation_input_tokens", usage.cache_write_tokens},
                   {"cache_read_input_tokens", usage.cache_read_tokens},
                   {"cache_creation",
                    {{"ephemeral_5m_input_tokens", usage.cache_write_tokens - usage.cache_write_1h_tokens},
                     {"ephemeral_1h_input_tokens", usage.cache_write_1h_tokens}}},
                   {"output_tokens", usage.output_tokens}};
  if (usage.reasoning_tokens > 0)
    out["output_tokens_details"] = json::object{{"thinking_tokens", usage.reasoning_tokens}};
  if (!metadata.service_tier.empty()) out["service_tier"] = tier_name(metadata.service_tier);
  return out;
}

Result<json::object> block_json(const llm::ContentBlock& block) { return std::visit(BlockWriter(), block); }

}  // namespace caprock::server::anthropic
