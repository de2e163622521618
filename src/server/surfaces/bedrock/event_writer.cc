#include "server/surfaces/bedrock/event_writer.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "aws/eventstream.h"
#include "base/json/json_text.h"
#include "server/bedrock_error.h"
#include "server/surfaces/bedrock/content_writer.h"

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::Result;

// Appends the frames of one event.
class EventWriter::Visitor {
 public:
  Visitor(EventWriter& state, std::string& out, std::int64_t latency_ms)
      : state_(state), out_(out), latency_ms_(latency_ms) {}

  Result<void> operator()(const llm::MessageStart&) { return {}; }
  Result<void> operator()(const llm::TextDelta& e) { return text_delta(e.block, "text", e.text); }
  Result<void> operator()(const llm::RefusalDelta& e) { return text_delta(e.block, "text", e.text); }
  Result<void> operator()(const llm::CitationDelta& e) {
    json::object delta;
    delta["citation"] = citation_json(e.citation);
    return in_block("contentBlockDelta", e.block, "delta", std::move(delta));
  }
  Result<void> operator()(const llm::ReasoningDelta& e) {
    // A union on the wire: one member a frame.
    if (!e.redacted.empty()) CAPROCK_CHECK(reasoning(e.block, "redactedContent", e.redacted));
    if (!e.text.empty()) CAPROCK_CHECK(reasoning(e.block, "text", e.text));
    if (!e.signature.empty()) CAPROCK_CHECK(reasoning(e.block, "signature", e.signature));
    return {};
  }
  Result<void> operator()(const llm::ToolUseStart& e) {
    json::object use{{"toolUseId", e.id}, {"name", e.name}};
    if (!e.type.empty()) use["type"] = e.type;
    return in_block("contentBlockStart", e.block, "start", json::object{{"toolUse", std::move(use)}});
  }
  Result<void> operator()(const llm::ToolInputDelta& e) {
    return in_block("contentBlockDelta", e.block, "delta",
                    json::object{{"toolUse", json::object{{"input", e.json}}}});
  }
  Result<void> operator()(const llm::ToolResultStart& e) {
    json::object result{{"toolUseId", e.tool_use_id}};
    if (!e.type.empty()) result["type"] = e.type;
    result["status"] = e.is_error ? "error" : "success";
    return in_block("contentBlockStart", e.block, "start", json::object{{"toolResult", std::move(result)}});
  }
  Result<void> operator()(const llm::ToolResultDelta& e) {
    json::array pieces;
    pieces.push_back(result_piece_json(e.content));
    return in_block("contentBlockDelta", e.block, "delta", json::object{{"toolResult", std::move(pieces)}});
  }
  Result<void> operator()(const llm::ImageDelta& e) {
    if (state_.images_.insert(e.block).second)
      CAPROCK_CHECK(in_block("contentBlockStart", e.block, "start",
                             json::object{{"image", json::object{{"format", e.image.format}}}}));
    if (e.image.source.bytes.empty() && e.image.source.uri.empty()) return {};
    json::object image;
    image["source"] = source_json(e.image.source);
    return in_block("contentBlockDelta", e.block, "delta", json::object{{"image", std::move(image)}});
  }
  Result<void> operator()(const llm::BlockStop& e) {
    return frame("contentBlockStop", fmt::format(R"({{"contentBlockIndex":{}}})", e.block));
  }
  Result<void> operator()(const llm::MessageStop& e) {
    state_.stopped_ = true;
    json::object stop{{"stopReason", stop_reason_name(e.reason)}};
    add_extra(stop, e);
    return frame("messageStop", base::json_text(stop));
  }
  Result<void> operator()(const llm::StreamMetadata& e) {
    json::object metadata;
    add_metadata(metadata, e, latency_ms_);
    return frame("metadata", base::json_text(metadata));
  }

 private:
  Result<void> frame(std::string_view type, std::string_view payload) {
    return aws::append_event(out_, type, payload);
  }
  // What most events are, so no tree is built for it.
  Result<void> text_delta(std::int32_t block, std::string_view member, std::string_view text) {
    return frame("contentBlockDelta", fmt::format(R"({{"contentBlockIndex":{},"delta":{{"{}":{}}}}})", block,
                                                  member, base::json_quoted(text)));
  }
  Result<void> reasoning(std::int32_t block, std::string_view member, const std::string& text) {
    return frame("contentBlockDelta",
                 fmt::format(R"({{"contentBlockIndex":{},"delta":{{"reasoningContent":{{"{}":{}}}}}}})",
                             block, member, base::json_quoted(text)));
  }
  Result<void> in_block(std::string_view type, std::int32_t block, std::string_view member,
                        json::object inner) {
    json::object payload{{"contentBlockIndex", block}};
    payload[member] = std::move(inner);
    return frame(type, base::json_text(payload));
  }

  EventWriter& state_;
  std::string& out_;
  std::int64_t latency_ms_;
};

Result<void> EventWriter::append(std::string& out, const llm::StreamEvent& event,
                                 std::int64_t measured_latency_ms) {
  if (!begun_) {
    begun_ = true;
    CAPROCK_CHECK(aws::append_event(out, "messageStart", R"({"role":"assistant"})"));
  }
  if (stopped_ && !std::holds_alternative<llm::StreamMetadata>(event))
    return base::failure(
        base::Error(base::ErrorKind::kUpstream, "the model's stream went on after its message had ended"));
  return std::visit(Visitor(*this, out, measured_latency_ms), event);
}

void append_stream_error(std::string& out, const base::Error& error) {
  // Cannot fail: the type is ours and the message far below the limit of a frame.
  std::ignore = aws::append_exception(out, bedrock_stream_exception(error), bedrock_error_json(error));
}

}  // namespace caprock::server::bedrock
