#include "server/surfaces/rest/message_json.h"

#include <boost/json.hpp>

#include "base/json/json_text.h"

namespace caprock::server::rest {

namespace json = boost::json;

namespace {

std::string_view role_name(llm::Role role) {
  switch (role) {
    case llm::Role::kSystem:
      return "system";
    case llm::Role::kUser:
      return "user";
    case llm::Role::kAssistant:
      return "assistant";
  }
  return "user";
}

// Media are named, not sent: who wants them has them.
struct Block {
  json::object operator()(const llm::TextBlock& b) const { return {{"text", b.text}}; }
  json::object operator()(const llm::JsonBlock& b) const {
    return {{"json", base::parse_json(b.json).value_or(nullptr)}};
  }
  json::object operator()(const llm::VideoBlock& b) const { return {{"video", {{"format", b.format}}}}; }
  json::object operator()(const llm::AudioBlock& b) const { return {{"audio", {{"format", b.format}}}}; }
  json::object operator()(const llm::SearchResultBlock& b) const {
    return {{"searchResult", {{"source", b.source}, {"title", b.title}}}};
  }
  json::object operator()(const llm::GuardBlock& b) const {
    return {{"guardContent", {{"text", {{"text", b.text}}}}}};
  }
  json::object operator()(const llm::RefusalBlock& b) const { return {{"refusal", b.text}}; }
  json::object operator()(const llm::ToolChangeBlock& b) const {
    return {{b.added ? "toolAddition" : "toolRemoval", {{"tool", {{"name", b.name}}}}}};
  }
  json::object operator()(const llm::ImageBlock& b) const { return {{"image", {{"format", b.format}}}}; }
  json::object operator()(const llm::DocumentBlock& b) const {
    return {{"document", {{"format", b.format}, {"name", b.name}}}};
  }
  json::object operator()(const llm::ToolUseBlock& b) const {
    return {{"toolUse",
             {{"toolUseId", b.id},
              {"name", b.name},
              {"input", base::parse_json(b.input_json).value_or(nullptr)}}}};
  }
  json::object operator()(const llm::ToolResultBlock& b) const {
    json::array content;
    for (const llm::ToolResultContent& item : b.content) content.push_back(std::visit(*this, item));
    return {{"toolResult",
             {{"toolUseId", b.tool_use_id},
              {"content", std::move(content)},
              {"status", b.is_error ? "error" : "success"}}}};
  }
  json::object operator()(const llm::ReasoningBlock& b) const {
    return {{"reasoningContent", {{"reasoningText", {{"text", b.text}}}}}};
  }
  json::object operator()(const llm::CachePointBlock&) const {
    return {{"cachePoint", {{"type", "default"}}}};
  }
};

}  // namespace

json::object block_json(const llm::ContentBlock& block) { return std::visit(Block{}, block); }

json::object conversation_json(const stores::Conversation& c) {
  return {{"id", c.id.str()},
          {"user_id", c.user},
          {"title", c.title},
          {"message_count", c.messages},
          {"created_at", base::iso_time(c.created_at)},
          {"updated_at", base::iso_time(c.updated_at)}};
}

json::object message_json(const stores::StoredMessage& stored) {
  json::array content;
  for (const auto& block : stored.message.content) content.push_back(block_json(block));
  json::object out{{"sequence", stored.sequence},
                   {"role", role_name(stored.message.role)},
                   {"content", std::move(content)},
                   {"user_id", stored.user},
                   {"model", stored.model.empty() ? json::value(nullptr) : json::value(stored.model)},
                   {"timestamp", base::iso_time(stored.at)}};
  if (stored.extra_json.empty()) return out;
  const auto extra = base::parse_json(stored.extra_json);
  if (!extra || !extra->is_object()) return out;
  for (const auto& item : extra->get_object()) {
    if (!out.contains(item.key())) out[item.key()] = item.value();
  }
  return out;
}

}  // namespace caprock::server::rest
