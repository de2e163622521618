#include "server/surfaces/openai/chat_reply.h"

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/json/json_text.h"
#include "server/openai_error.h"
#include "server/surfaces/openai/annotations.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::Result;

namespace {

std::optional<std::string_view> finish_reason(llm::StopReason reason) {
  using enum llm::StopReason;
  switch (reason) {
    case kEndTurn:
    case kStopSequence:
      return "stop";
    case kMaxTokens:
    case kContextWindowExceeded:
      return "length";
    case kToolUse:
      return "tool_calls";
    case kContentFiltered:
    case kGuardrail:
    case kRefusal:
      return "content_filter";
    case kPauseTurn:
    case kMalformedOutput:
    case kMalformedToolUse:
      return std::nullopt;
  }
  return std::nullopt;
}

base::Error malformed() {
  return {base::ErrorKind::kUpstream, "The model's reply is malformed and was not finished."};
}

// Their prompt_tokens count what came from the cache and what was written to it.
json::value usage_json(const llm::StreamMetadata& metadata) {
  if (!metadata.usage_known) return nullptr;
  const llm::Usage& usage = metadata.usage;
  return json::object{
      {"prompt_tokens", usage.total() - usage.output_tokens},
      {"completion_tokens", usage.output_tokens},
      {"total_tokens", usage.total()},
      {"prompt_tokens_details",
       {{"cached_tokens", usage.cache_read_tokens}, {"cache_write_tokens", usage.cache_write_tokens}}},
      {"completion_tokens_details", {{"reasoning_tokens", usage.reasoning_tokens}}}};
}

json::object annotation_json(const llm::Citation& citation) {
  const std::string_view type = annotation_type(citation);
  return {{"type", type}, {type, annotation_members(citation)}};
}

json::object image_json(const llm::ImageBlock& image) {
  const std::string url = image.source.uri.empty() ? "data:image/" + image.format + ";base64," +
                                                         base::base64_encode(image.source.bytes)
                                                   : image.source.uri;
  return {{"type", "image_url"}, {"image_url", {{"url", url}}}};
}

// As OpenRouter writes it, so that signatures come back:
// https://openrouter.ai/docs/use-cases/reasoning-tokens
template <class Thought>
json::object thought_json(const Thought& thought, std::int64_t index) {
  json::object detail{{"type", thought.redacted.empty() ? "reasoning.text" : "reasoning.encrypted"}};
  if (!thought.text.empty()) detail["text"] = thought.text;
  if (!thought.signature.empty()) detail["signature"] = thought.signature;
  if (!thought.redacted.empty()) detail["data"] = thought.redacted;
  if (!thought.id.empty()) detail["id"] = thought.id;
  if (!thought.format.empty()) detail["format"] = thought.format;
  detail["index"] = index;
  return detail;
}

json::object message_json(const llm::Message& message) {
  std::string text;
  std::string refusal;
  std::string thoughts;
  json::array calls;
  json::array details;
  json::array annotations;
  json::array images;
  for (const llm::ContentBlock& block : message.content) {
    if (const auto* part = std::get_if<llm::TextBlock>(&block)) {
      text += part->text;
      for (const llm::Citation& citation : part->citations) annotations.push_back(annotation_json(citation));
    } else if (const auto* use = std::get_if<llm::ToolUseBlock>(&block)) {
      calls.push_back(json::object{{"id", use->id},
                                   {"type", "function"},
                                   {"function", {{"name", use->name}, {"arguments", use->input_json}}}});
    } else if (const auto* thought = std::get_if<llm::ReasoningBlock>(&block)) {
      thoughts += thought->text;
      details.push_back(thought_json(*thought, static_cast<std::int64_t>(details.size())));
    } else if (const auto* said = std::get_if<llm::RefusalBlock>(&block)) {
      refusal += said->text;
    } else if (const auto* image = std::get_if<llm::ImageBlock>(&block)) {
      images.push_back(image_json(*image));
    }
  }
  const bool silent = text.empty() && (!calls.empty() || !refusal.empty());
  json::object out{{"role", "assistant"},
                   {"content", silent ? json::value(nullptr) : json::value(text)},
                   {"refusal", refusal.empty() ? json::value(nullptr) : json::value(refusal)}};
  if (!calls.empty()) out["tool_calls"] = std::move(calls);
  if (!thoughts.empty()) out["reasoning_content"] = thoughts;
  if (!details.empty()) out["reasoning_details"] = std::move(details);
  out["annotations"] = std::move(annotations);
  if (!images.empty()) out["images"] = std::move(images);
  return out;
}

json::object head_json(const ReplyHead& head, std::string_view object) {
  return {{"id", head.id}, {"object", object}, {"created", head.created}, {"model", head.model}};
}

}  // namespace

Result<std::string> render_reply(const ReplyHead& head, const llm::ChatReply& reply) {
  const auto finish = finish_reason(reply.stop.reason);
  if (!finish) return base::failure(malformed());
  json::object out = head_json(head, "chat.completion");
  out["choices"] = json::array{json::object{{"index", 0},
                                            {"message", message_json(reply.message)},
                                            {"logprobs", nullptr},
                                            {"finish_reason", *finish}}};
  out["usage"] = usage_json(reply.metadata);
  if (!reply.metadata.service_tier.empty()) out["service_tier"] = reply.metadata.service_tier;
  return base::json_text(out);
}

/// The delta of one event; null when the event has none.
struct ChunkRenderer::Delta {
  ChunkRenderer& of;

  json::value operator()(const llm::TextDelta& e) const { return json::object{{"content", e.text}}; }
  json::value operator()(const llm::RefusalDelta& e) const { return json::object{{"refusal", e.text}}; }
  json::value operator()(const llm::CitationDelta& e) const {
    return json::object{{"annotations", json::array{annotation_json(e.citation)}}};
  }
  json::value operator()(const llm::ImageDelta& e) const {
    return json::object{{"images", json::array{image_json(e.image)}}};
  }
  json::value operator()(const llm::ReasoningDelta& e) const {
    const auto index =
        of.thoughts_.try_emplace(e.block, static_cast<std::int64_t>(of.thoughts_.size())).first->second;
    json::object delta{{"reasoning_details", json::array{thought_json(e, index)}}};
    if (!e.text.empty()) delta["reasoning_content"] = e.text;
    return delta;
  }
  json::value operator()(const llm::ToolUseStart& e) const {
    const auto index =
        of.tools_.try_emplace(e.block, static_cast<std::int64_t>(of.tools_.size())).first->second;
    return call(json::object{{"index", index},
                             {"id", e.id},
                             {"type", "function"},
                             {"function", {{"name", e.name}, {"arguments", ""}}}});
  }
  json::value operator()(const llm::ToolInputDelta& e) const {
    const auto found = of.tools_.find(e.block);
    if (found == of.tools_.end()) return nullptr;
    return call(json::object{{"index", found->second}, {"function", {{"arguments", e.json}}}});
  }
  template <class Other>
  json::value operator()(const Other&) const {
    return nullptr;
  }

 private:
  static json::value call(json::object one) {
    return json::object{{"tool_calls", json::array{std::move(one)}}};
  }
};

Result<std::vector<SseEvent>> ChunkRenderer::render(const llm::StreamEvent& event) {
  std::vector<SseEvent> out;
  const auto tell = [&out](std::string text) {
    out.push_back({.event = {}, .data = std::move(text), .id = {}});
  };
  const auto chunk = [&](json::value delta, json::value finish) {
    json::object data = head_json(head_, "chat.completion.chunk");
    data["choices"] = json::array{json::object{{"index", 0},
                                               {"delta", std::move(delta)},
                                               {"logprobs", nullptr},
                                               {"finish_reason", std::move(finish)}}};
    if (include_usage_) data["usage"] = nullptr;
    tell(base::json_text(data));
  };
  if (!begun_) {
    begun_ = true;
    chunk(json::object{{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, nullptr);
  }
  if (const auto* stop = std::get_if<llm::MessageStop>(&event)) {
    const auto finish = finish_reason(stop->reason);
    if (!finish) return base::failure(malformed());
    stopped_ = true;
    chunk(json::object(), json::string(*finish));
  } else if (const auto* metadata = std::get_if<llm::StreamMetadata>(&event)) {
    if (include_usage_) {
      json::object data = head_json(head_, "chat.completion.chunk");
      data["choices"] = json::array();
      data["usage"] = usage_json(*metadata);
      tell(base::json_text(data));
    }
    done_ = stopped_;
    if (done_) tell("[DONE]");
  } else if (json::value delta = std::visit(Delta{*this}, event); !delta.is_null()) {
    chunk(std::move(delta), nullptr);
  }
  return out;
}

std::vector<SseEvent> ChunkRenderer::broken(const base::Error& error) {
  return {{.event = {}, .data = openai_error_json(error), .id = {}}};
}

}  // namespace caprock::server::openai
