#include "server/surfaces/openai/chat_reply.h"

#include <algorithm>
#include <boost/json/value.hpp>

#include "base/base64.h"
#include "base/json/json_text.h"
#include "base/json/json_writer.h"
#include "server/openai_error.h"
#include "server/surfaces/openai/annotations.h"

namespace caprock::server::openai {

using base::JsonWriter;
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
void write_usage(JsonWriter& out, const llm::StreamMetadata& metadata) {
  out.key("usage");
  if (!metadata.usage_known) {
    out.null();
    return;
  }
  const llm::Usage& usage = metadata.usage;
  out.open_object().key("prompt_tokens").number(usage.total() - usage.output_tokens);
  out.key("completion_tokens").number(usage.output_tokens);
  out.key("total_tokens").number(usage.total());
  out.key("prompt_tokens_details").open_object().key("cached_tokens").number(usage.cache_read_tokens);
  out.key("cache_write_tokens").number(usage.cache_write_tokens).close_object();
  out.key("completion_tokens_details").open_object().key("reasoning_tokens").number(usage.reasoning_tokens);
  out.close_object().close_object();
}

void write_annotation(JsonWriter& out, const llm::Citation& citation) {
  const std::string_view type = annotation_type(citation);
  out.open_object().key("type").text(type).key(type).raw(base::json_text(annotation_members(citation)));
  out.close_object();
}

void write_image(JsonWriter& out, const llm::ImageBlock& image) {
  const std::string url = image.source.uri.empty() ? "data:image/" + image.format + ";base64," +
                                                         base::base64_encode(image.source.bytes)
                                                   : image.source.uri;
  out.open_object().key("type").text("image_url").key("image_url").open_object().key("url").text(url);
  out.close_object().close_object();
}

// As OpenRouter writes it, so that signatures come back:
// https://openrouter.ai/docs/use-cases/reasoning-tokens
template <class Thought>
void write_thought(JsonWriter& out, const Thought& thought, std::int64_t index) {
  out.open_object().key("type").text(thought.redacted.empty() ? "reasoning.text" : "reasoning.encrypted");
  if (!thought.text.empty()) out.key("text").text(thought.text);
  if (!thought.signature.empty()) out.key("signature").text(thought.signature);
  if (!thought.redacted.empty()) out.key("data").text(thought.redacted);
  if (!thought.id.empty()) out.key("id").text(thought.id);
  if (!thought.format.empty()) out.key("format").text(thought.format);
  out.key("index").number(index).close_object();
}

/// The blocks of one kind, in their order.
template <class Block, class Function>
void each(const llm::Message& message, Function function) {
  for (const llm::ContentBlock& block : message.content)
    if (const auto* one = std::get_if<Block>(&block)) function(*one);
}

template <class Block>
bool has(const llm::Message& message) {
  return std::ranges::any_of(message.content, [](const auto& b) { return std::holds_alternative<Block>(b); });
}

template <class Block>
std::string joined(const llm::Message& message) {
  std::string text;
  each<Block>(message, [&](const Block& block) { text += block.text; });
  return text;
}

void write_message(JsonWriter& out, const llm::Message& message) {
  const std::string text = joined<llm::TextBlock>(message);
  const std::string refusal = joined<llm::RefusalBlock>(message);
  const bool calls = has<llm::ToolUseBlock>(message);
  out.key("message").open_object().key("role").text("assistant").key("content");
  text.empty() && (calls || !refusal.empty()) ? out.null() : out.text(text);
  out.key("refusal");
  refusal.empty() ? out.null() : out.text(refusal);
  if (calls) {
    out.key("tool_calls").open_array();
    each<llm::ToolUseBlock>(message, [&](const llm::ToolUseBlock& use) {
      out.open_object().key("id").text(use.id).key("type").text("function").key("function").open_object();
      out.key("name").text(use.name).key("arguments").text(use.input_json).close_object().close_object();
    });
    out.close_array();
  }
  if (has<llm::ReasoningBlock>(message)) {
    if (const auto thoughts = joined<llm::ReasoningBlock>(message); !thoughts.empty())
      out.key("reasoning_content").text(thoughts);
    out.key("reasoning_details").open_array();
    std::int64_t index = 0;
    each<llm::ReasoningBlock>(message, [&](const auto& thought) { write_thought(out, thought, index++); });
    out.close_array();
  }
  out.key("annotations").open_array();
  each<llm::TextBlock>(message, [&](const llm::TextBlock& part) {
    for (const llm::Citation& citation : part.citations) write_annotation(out, citation);
  });
  out.close_array();
  if (has<llm::ImageBlock>(message)) {
    out.key("images").open_array();
    each<llm::ImageBlock>(message, [&](const llm::ImageBlock& image) { write_image(out, image); });
    out.close_array();
  }
  out.close_object();
}

void write_head(JsonWriter& out, const ReplyHead& head, std::string_view object) {
  out.open_object().key("id").text(head.id).key("object").text(object);
  out.key("created").number(head.created).key("model").text(head.model);
}

}  // namespace

Result<std::string> render_reply(const ReplyHead& head, const llm::ChatReply& reply) {
  const auto finish = finish_reason(reply.stop.reason);
  if (!finish) return base::failure(malformed());
  JsonWriter out;
  out.reserve(1024);
  write_head(out, head, "chat.completion");
  out.key("choices").open_array().open_object().key("index").number(std::int64_t{0});
  write_message(out, reply.message);
  out.key("logprobs").null().key("finish_reason").text(*finish).close_object().close_array();
  write_usage(out, reply.metadata);
  if (!reply.metadata.service_tier.empty()) out.key("service_tier").text(reply.metadata.service_tier);
  return out.close_object().take();
}

ChunkRenderer::ChunkRenderer(const ReplyHead& head, bool include_usage) : include_usage_(include_usage) {
  JsonWriter out;
  write_head(out, head, "chat.completion.chunk");
  head_ = out.take();
}

/// Writes the delta of one event; false, with nothing written, when the event has none.
struct ChunkRenderer::Delta {
  ChunkRenderer& of;
  JsonWriter& out;

  bool operator()(const llm::TextDelta& e) const {
    out.open_object().key("content").text(e.text).close_object();
    return true;
  }
  bool operator()(const llm::RefusalDelta& e) const {
    out.open_object().key("refusal").text(e.text).close_object();
    return true;
  }
  bool operator()(const llm::CitationDelta& e) const {
    out.open_object().key("annotations").open_array();
    write_annotation(out, e.citation);
    out.close_array().close_object();
    return true;
  }
  bool operator()(const llm::ImageDelta& e) const {
    out.open_object().key("images").open_array();
    write_image(out, e.image);
    out.close_array().close_object();
    return true;
  }
  bool operator()(const llm::ReasoningDelta& e) const {
    const auto index =
        of.thoughts_.try_emplace(e.block, static_cast<std::int64_t>(of.thoughts_.size())).first->second;
    out.open_object().key("reasoning_details").open_array();
    write_thought(out, e, index);
    out.close_array();
    if (!e.text.empty()) out.key("reasoning_content").text(e.text);
    out.close_object();
    return true;
  }
  bool operator()(const llm::ToolUseStart& e) const {
    const auto index =
        of.tools_.try_emplace(e.block, static_cast<std::int64_t>(of.tools_.size())).first->second;
    open_call(index).key("id").text(e.id).key("type").text("function").key("function").open_object();
    out.key("name").text(e.name).key("arguments").text("");
    close_call();
    return true;
  }
  bool operator()(const llm::ToolInputDelta& e) const {
    const auto found = of.tools_.find(e.block);
    if (found == of.tools_.end()) return false;
    open_call(found->second).key("function").open_object().key("arguments").text(e.json);
    close_call();
    return true;
  }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }

 private:
  JsonWriter& open_call(std::int64_t index) const {
    return out.open_object().key("tool_calls").open_array().open_object().key("index").number(index);
  }
  void close_call() const { out.close_object().close_object().close_array().close_object(); }
};

JsonWriter ChunkRenderer::begin_chunk() const {
  JsonWriter out;
  out.reserve(head_.size() + 256);
  out.raw(head_).key("choices").open_array();
  return out;
}

void ChunkRenderer::open_choice(JsonWriter& out) {
  out.open_object().key("index").number(std::int64_t{0}).key("delta");
}

std::string ChunkRenderer::end_choice(JsonWriter& out, std::optional<std::string_view> finish) const {
  out.key("logprobs").null().key("finish_reason");
  finish ? out.text(*finish) : out.null();
  out.close_object().close_array();
  if (include_usage_) out.key("usage").null();
  return out.close_object().take();
}

std::string ChunkRenderer::usage_chunk(const llm::StreamMetadata& metadata) const {
  JsonWriter out = begin_chunk();
  out.close_array();
  write_usage(out, metadata);
  return out.close_object().take();
}

Result<std::vector<SseEvent>> ChunkRenderer::render(const llm::StreamEvent& event) {
  std::vector<SseEvent> out;
  const auto tell = [&out](std::string text) {
    out.push_back({.event = {}, .data = std::move(text), .id = {}});
  };
  if (!begun_) {
    begun_ = true;
    JsonWriter first = begin_chunk();
    open_choice(first);
    first.open_object()
        .key("role")
        .text("assistant")
        .key("content")
        .text("")
        .key("refusal")
        .null()
        .close_object();
    tell(end_choice(first, std::nullopt));
  }
  if (const auto* stop = std::get_if<llm::MessageStop>(&event)) {
    const auto finish = finish_reason(stop->reason);
    if (!finish) return base::failure(malformed());
    stopped_ = true;
    JsonWriter last = begin_chunk();
    open_choice(last);
    last.open_object().close_object();
    tell(end_choice(last, finish));
  } else if (const auto* metadata = std::get_if<llm::StreamMetadata>(&event)) {
    if (include_usage_) tell(usage_chunk(*metadata));
    done_ = stopped_;
    if (done_) tell("[DONE]");
  } else {
    JsonWriter chunk = begin_chunk();
    open_choice(chunk);
    if (std::visit(Delta{.of = *this, .out = chunk}, event)) tell(end_choice(chunk, std::nullopt));
  }
  return out;
}

std::vector<SseEvent> ChunkRenderer::broken(const base::Error& error) {
  return {{.event = {}, .data = openai_error_json(error), .id = {}}};
}

}  // namespace caprock::server::openai
