#include "providers/openai_compatible/message_codec.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "providers/openai_compatible/content_parts.h"

namespace caprock::providers::openai {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

/// One entry of reasoning_details: https://openrouter.ai/docs/use-cases/reasoning-tokens
json::object thought_detail(const llm::ReasoningBlock& block, std::size_t index) {
  json::object detail;
  if (!block.redacted.empty()) {
    detail = {{"type", "reasoning.encrypted"}, {"data", block.redacted}};
  } else if (block.format.starts_with("openai")) {
    detail = {{"type", "reasoning.summary"}, {"summary", block.text}};
  } else {
    detail = {{"type", "reasoning.text"}, {"text", block.text}};
    if (!block.signature.empty()) detail["signature"] = block.signature;
  }
  if (!block.id.empty()) detail["id"] = block.id;
  if (!block.format.empty()) detail["format"] = block.format;
  detail["index"] = index;
  return detail;
}

json::object tool_call(const llm::ToolUseBlock& use) {
  return {{"id", use.id},
          {"type", "function"},
          {"function", {{"name", use.name}, {"arguments", use.input_json.empty() ? "{}" : use.input_json}}}};
}

/// One message of the conversation, as one or several of the wire.
class MessageEncoder {
 public:
  MessageEncoder(const Dialect& dialect, const llm::Message& message, std::string path, json::array& out)
      : dialect_(dialect), message_(message), path_(std::move(path)), out_(out), parts_(dialect, path_) {}

  Result<void> encode() {
    for (std::size_t i = 0; i < message_.content.size(); ++i) CAPROCK_CHECK(block(message_.content[i], i));
    if (!results_.empty() && message_.role != llm::Role::kUser)
      return failure(base::invalid_argument(path_, "tool results belong into a message of the user"));
    for (json::value& result : results_) out_.push_back(std::move(result));
    if (parts_.empty() && calls_.empty() && thoughts_.empty() && refusal_.empty()) {
      if (!results_.empty()) return {};
      return failure(base::invalid_argument(path_, "must not be empty"));
    }
    out_.push_back(rest());
    return {};
  }

 private:
  Result<void> block(const llm::ContentBlock& block, std::size_t index) {
    const bool assistant = message_.role == llm::Role::kAssistant;
    const std::string field = fmt::format("{}[{}].{}", path_, index, llm::kind_of(block));
    if (const auto* result = std::get_if<llm::ToolResultBlock>(&block)) return tool_result(*result, field);
    if (!assistant) return parts_.add(block, index);
    if (const auto* use = std::get_if<llm::ToolUseBlock>(&block)) {
      if (!use->type.empty()) return failure(not_expressible(dialect_, field + ".type"));
      calls_.push_back(tool_call(*use));
      return {};
    }
    if (const auto* thought = std::get_if<llm::ReasoningBlock>(&block)) return reasoning(*thought, field);
    if (const auto* refusal = std::get_if<llm::RefusalBlock>(&block)) {
      refusal_ += refusal->text;
      return {};
    }
    return parts_.add(block, index);
  }

  Result<void> reasoning(const llm::ReasoningBlock& block, const std::string& field) {
    if (dialect_.thoughts == ThoughtStyle::kNone) return failure(not_expressible(dialect_, field));
    if (dialect_.thoughts == ThoughtStyle::kText) {
      if (!block.redacted.empty()) return failure(not_expressible(dialect_, field + ".redactedContent"));
      if (!block.signature.empty())
        return failure(not_expressible(dialect_, field + ".reasoningText.signature"));
      thought_text_ += block.text;
    }
    thoughts_.push_back(thought_detail(block, thoughts_.size()));
    return {};
  }

  // A tool message has text alone. That the tool failed has no field of its own: the text says it.
  Result<void> tool_result(const llm::ToolResultBlock& block, const std::string& field) {
    std::string text = block.is_error ? "Error: " : "";
    for (std::size_t i = 0; i < block.content.size(); ++i) {
      if (i > 0) text += "\n";
      if (const auto* plain = std::get_if<llm::TextBlock>(&block.content[i]))
        text += plain->text;
      else if (const auto* value = std::get_if<llm::JsonBlock>(&block.content[i]))
        text += value->json;
      else
        return failure(not_expressible(dialect_, fmt::format("{}.content[{}]", field, i)));
    }
    if (!block.type.empty()) return failure(not_expressible(dialect_, field + ".type"));
    results_.push_back(
        json::object{{"role", "tool"}, {"tool_call_id", block.tool_use_id}, {"content", std::move(text)}});
    return {};
  }

  json::object rest() {
    static constexpr std::string_view kRoles[] = {"system", "user", "assistant"};
    json::object out{{"role", kRoles[static_cast<std::size_t>(message_.role)]}};
    if (!message_.name.empty()) out["name"] = message_.name;
    out["content"] = parts_.empty() ? json::value(nullptr) : parts_.take();
    if (!refusal_.empty()) out["refusal"] = refusal_;
    if (!calls_.empty()) out["tool_calls"] = std::move(calls_);
    if (thoughts_.empty()) return out;
    if (dialect_.thoughts == ThoughtStyle::kDetails)
      out["reasoning_details"] = std::move(thoughts_);
    else
      out["reasoning_content"] = thought_text_;
    return out;
  }

  const Dialect& dialect_;
  const llm::Message& message_;
  const std::string path_;
  json::array& out_;
  ContentParts parts_;
  json::array results_;
  json::array calls_;
  json::array thoughts_;
  std::string thought_text_;
  std::string refusal_;
};

}  // namespace

base::Error not_expressible(const Dialect& dialect, std::string field) {
  std::string message =
      fmt::format("{} cannot be expressed to {}: leave it out or ask another model", field, dialect.title);
  return base::invalid_argument(std::move(field), std::move(message));
}

Result<json::array> encode_messages(const Dialect& dialect, const llm::ChatRequest& request) {
  json::array out;
  if (!request.system.empty()) {
    const std::string path = "system";
    ContentParts parts(dialect, path);
    for (std::size_t i = 0; i < request.system.size(); ++i) CAPROCK_CHECK(parts.add(request.system[i], i));
    out.push_back(json::object{{"role", "system"}, {"content", parts.take()}});
  }
  if (request.messages.empty()) return failure(base::invalid_argument("messages", "must not be empty"));
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    MessageEncoder encoder(dialect, request.messages[i], fmt::format("messages[{}].content", i), out);
    CAPROCK_CHECK(encoder.encode());
  }
  return out;
}

}  // namespace caprock::providers::openai
