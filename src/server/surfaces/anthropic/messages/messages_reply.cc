#include "server/surfaces/anthropic/messages/messages_reply.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json/json_string.h"
#include "base/json/json_text.h"
#include "server/surfaces/anthropic/messages/citations.h"
#include "server/surfaces/anthropic/messages/reply_parts.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

base::Error untellable(std::string what) { return {base::ErrorKind::kUpstream, std::move(what)}; }

json::object message_json(const ReplyHead& head) {
  return {{"id", head.id},
          {"type", "message"},
          {"role", "assistant"},
          {"model", head.model},
          {"content", json::array()}};
}

json::value matched_sequence(const ReplyHead& head, const llm::MessageStop& stop) {
  if (stop.reason != llm::StopReason::kStopSequence) return nullptr;
  const std::string& matched = stop.stop_sequence.empty() ? head.stop_sequence : stop.stop_sequence;
  return matched.empty() ? json::value(nullptr) : json::value(matched);
}

Result<void> add_stop(const ReplyHead& head, const llm::MessageStop& stop, json::object& out) {
  const auto reason = stop_reason_name(stop.reason);
  if (!reason) return failure(untellable("The model's reply is malformed and was not finished."));
  out["stop_reason"] = *reason;
  out["stop_sequence"] = matched_sequence(head, stop);
  return {};
}

}  // namespace

ReplyHead head_of(std::string id, const llm::ChatRequest& request) {
  const auto& sequences = request.inference.stop_sequences;
  return {.id = std::move(id),
          .model = request.model,
          .stop_sequence = sequences.size() == 1 ? sequences.front() : std::string()};
}

Result<std::string> render_reply(const ReplyHead& head, const llm::ChatReply& reply) {
  json::object out = message_json(head);
  json::array& content = out["content"].get_array();
  for (const llm::ContentBlock& block : reply.message.content) {
    CAPROCK_TRY(auto written, block_json(block));
    content.push_back(std::move(written));
  }
  CAPROCK_CHECK(add_stop(head, reply.stop, out));
  out["usage"] = usage_json(reply.metadata);
  return base::json_text(out);
}

/// Appends the events of one event of the model.
class EventRenderer::Visitor {
 public:
  Visitor(EventRenderer& state, std::vector<Event>& out) : state_(state), out_(out) {}

  Result<void> operator()(const llm::MessageStart&) { return {}; }  // begin() has looked at it
  Result<void> operator()(const llm::TextDelta& e) { return text(e.block, e.text); }
  Result<void> operator()(const llm::RefusalDelta& e) { return text(e.block, e.text); }
  Result<void> operator()(const llm::CitationDelta& e) {
    CAPROCK_TRY(const auto index, block_of(e.block, R"({"type":"text","text":"","citations":[]})"));
    delta(index, "citations_delta", "citation", base::json_text(citation_json(e.citation)));
    return {};
  }
  Result<void> operator()(const llm::ReasoningDelta& e) {
    if (!e.redacted.empty()) return redacted(e);
    CAPROCK_TRY(const auto index, block_of(e.block, R"({"type":"thinking","thinking":"","signature":""})"));
    if (!e.text.empty()) delta(index, "thinking_delta", "thinking", e.text, Quoted());
    if (!e.signature.empty()) delta(index, "signature_delta", "signature", e.signature, Quoted());
    return {};
  }
  Result<void> operator()(const llm::ToolUseStart& e) {
    const json::object block{{"type", "tool_use"}, {"id", e.id}, {"name", e.name}, {"input", json::object()}};
    CAPROCK_TRY(const auto index, block_of(e.block, base::json_text(block)));
    std::ignore = index;
    return {};
  }
  Result<void> operator()(const llm::ToolInputDelta& e) {
    if (!state_.blocks_.contains(e.block))
      return failure(untellable("The model's reply has arguments of no tool."));
    CAPROCK_TRY(const auto index, block_of(e.block, {}));
    delta(index, "input_json_delta", "partial_json", e.json, Quoted());
    return {};
  }
  Result<void> operator()(const llm::BlockStop& e) {
    if (state_.current_ == e.block) close();
    return {};
  }
  Result<void> operator()(const llm::MessageStop& e) {
    close();
    if (!stop_reason_name(e.reason))
      return failure(untellable("The model's reply is malformed and was not finished."));
    state_.stop_ = e;
    return {};
  }
  Result<void> operator()(const llm::StreamMetadata& e) {
    if (!state_.stop_) return failure(untellable("The model's reply broke off before its end."));
    json::object delta;
    CAPROCK_CHECK(add_stop(state_.head_, *state_.stop_, delta));
    add("message_delta",
        json::object{{"type", "message_delta"}, {"delta", std::move(delta)}, {"usage", usage_json(e)}});
    out_.push_back({"message_stop", R"({"type":"message_stop"})"});
    state_.done_ = true;
    return {};
  }
  template <class Other>
  Result<void> operator()(const Other&) {
    return failure(untellable(
        "The model answered with something that this API does not have: an image or a tool's result."));
  }

  /// message_start, before anything else. Tokens that nobody has told of yet are 0: message_delta has them.
  void begin(const llm::StreamEvent& event) {
    json::object message = message_json(state_.head_);
    message["stop_reason"] = nullptr;
    message["stop_sequence"] = nullptr;
    const auto* start = std::get_if<llm::MessageStart>(&event);
    llm::StreamMetadata so_far;
    if (start != nullptr && start->usage) so_far.usage = *start->usage;
    message["usage"] = usage_json(so_far);
    add("message_start", json::object{{"type", "message_start"}, {"message", std::move(message)}});
  }

 private:
  struct Quoted {};

  void add(std::string_view type, const json::object& data) { out_.push_back({type, base::json_text(data)}); }

  Result<void> text(std::int32_t block, const std::string& piece) {
    CAPROCK_TRY(const auto index, block_of(block, R"({"type":"text","text":""})"));
    delta(index, "text_delta", "text", piece, Quoted());
    return {};
  }

  Result<void> redacted(const llm::ReasoningDelta& e) {
    // Whole in its start: it does not come in pieces.
    const json::object block{{"type", "redacted_thinking"}, {"data", e.redacted}};
    CAPROCK_TRY(const auto index, block_of(e.block, base::json_text(block)));
    std::ignore = index;
    return {};
  }

  /// The dialect's number of a block, which is begun at first sight with `start`, JSON text.
  Result<std::int32_t> block_of(std::int32_t number, std::string_view start) {
    const auto found = state_.blocks_.find(number);
    if (found != state_.blocks_.end()) {
      if (found->second.open) return found->second.index;
      return failure(untellable("The model's reply goes back to a part that had ended."));
    }
    close();
    const auto index = static_cast<std::int32_t>(state_.blocks_.size());
    state_.blocks_[number] = {.index = index};
    state_.current_ = number;
    out_.push_back(
        {"content_block_start",
         fmt::format(R"({{"type":"content_block_start","index":{},"content_block":{}}})", index, start)});
    return index;
  }

  void close() {
    if (!state_.current_) return;
    Block& block = state_.blocks_[*state_.current_];
    block.open = false;
    state_.current_.reset();
    out_.push_back(
        {"content_block_stop", fmt::format(R"({{"type":"content_block_stop","index":{}}})", block.index)});
  }

  // What most events are, so no tree is built for them.
  void delta(std::int32_t index, std::string_view type, std::string_view member, std::string_view value) {
    out_.push_back(
        {"content_block_delta",
         fmt::format(R"({{"type":"content_block_delta","index":{},"delta":{{"type":"{}","{}":{}}}}})", index,
                     type, member, value)});
  }
  void delta(std::int32_t index, std::string_view type, std::string_view member, std::string_view text,
             Quoted) {
    Event event{"content_block_delta",
                fmt::format(R"({{"type":"content_block_delta","index":{},"delta":{{"type":"{}","{}":)", index,
                            type, member)};
    base::append_json_string(event.data, text);
    event.data += "}}";
    out_.push_back(std::move(event));
  }

  EventRenderer& state_;
  std::vector<Event>& out_;
};

Result<std::vector<Event>> EventRenderer::render(const llm::StreamEvent& event) {
  std::vector<Event> out;
  Visitor visitor(*this, out);
  if (!begun_) {
    begun_ = true;
    visitor.begin(event);
  }
  if (stop_ && !std::holds_alternative<llm::StreamMetadata>(event))
    return failure(untellable("The model's reply went on after its end."));
  CAPROCK_CHECK(std::visit(visitor, event));
  return out;
}

}  // namespace caprock::server::anthropic
