#include "server/surfaces/bedrock/content_writer.h"

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/json/json_text.h"

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

json::array texts_json(const std::vector<std::string>& texts) {
  json::array list;
  for (const std::string& text : texts) list.push_back({{"text", text}});
  return list;
}

class BlockWriter {
 public:
  using Written = Result<json::object>;

  Written operator()(const llm::TextBlock& block) const {
    if (block.citations.empty()) return json::object{{"text", block.text}};
    json::array citations;
    for (const llm::Citation& citation : block.citations) citations.push_back(citation_json(citation));
    json::object cited;
    cited["content"] = texts_json({block.text});
    cited["citations"] = std::move(citations);
    return json::object{{"citationsContent", std::move(cited)}};
  }
  Written operator()(const llm::ToolUseBlock& block) const {
    const std::string& text = block.input_json;
    auto input = text.empty() ? Result<json::value>(json::object()) : base::parse_json(text);
    if (!input || !input->is_object())
      return failure(base::Error(base::ErrorKind::kUpstream, "the model's arguments of the tool '" +
                                                                 block.name + "' are no JSON object"));
    json::object use{{"toolUseId", block.id}, {"name", block.name}};
    use["input"] = *std::move(input);
    if (!block.type.empty()) use["type"] = block.type;
    return json::object{{"toolUse", std::move(use)}};
  }
  Written operator()(const llm::ReasoningBlock& block) const {
    json::object reasoning;
    if (!block.redacted.empty()) {
      reasoning["redactedContent"] = block.redacted;
    } else {
      json::object said{{"text", block.text}};
      if (!block.signature.empty()) said["signature"] = block.signature;
      reasoning["reasoningText"] = std::move(said);
    }
    return json::object{{"reasoningContent", std::move(reasoning)}};
  }
  Written operator()(const llm::ImageBlock& block) const {
    json::object image{{"format", block.format}};
    image["source"] = source_json(block.source);
    return json::object{{"image", std::move(image)}};
  }
  Written operator()(const llm::ToolResultBlock& block) const {
    json::array content;
    for (const llm::ToolResultContent& piece : block.content) content.push_back(result_piece_json(piece));
    json::object result{{"toolUseId", block.tool_use_id}};
    result["content"] = std::move(content);
    result["status"] = block.is_error ? "error" : "success";
    if (!block.type.empty()) result["type"] = block.type;
    return json::object{{"toolResult", std::move(result)}};
  }
  // Converse does not tell a refusal in words from an answer; its stop reason does.
  Written operator()(const llm::RefusalBlock& block) const { return json::object{{"text", block.text}}; }
  template <class Other>
  Written operator()(const Other& block) const {
    return failure(base::Error(base::ErrorKind::kUpstream,
                               "the model answered with a block that Converse does not have: " +
                                   std::string(llm::kind_of(llm::ContentBlock(block)))));
  }
};

}  // namespace

Result<json::object> block_json(const llm::ContentBlock& block) { return std::visit(BlockWriter(), block); }

json::object citation_json(const llm::Citation& citation) {
  using enum llm::Citation::Place;
  json::object out;
  if (!citation.title.empty()) out["title"] = citation.title;
  if (!citation.source.empty()) out["source"] = citation.source;
  if (!citation.cited_text.empty()) out["sourceContent"] = texts_json({citation.cited_text});
  if (citation.place == kUnknown) return out;
  json::object place;
  std::string_view kind = "web";
  if (citation.place == kWeb) {
    if (!citation.url.empty()) place["url"] = citation.url;
    if (!citation.domain.empty()) place["domain"] = citation.domain;
  } else {
    const bool result = citation.place == kSearchResult;
    kind = result                            ? "searchResultLocation"
           : citation.place == kDocumentChar ? "documentChar"
           : citation.place == kDocumentPage ? "documentPage"
                                             : "documentChunk";
    place[result ? "searchResultIndex" : "documentIndex"] = citation.index;
    place["start"] = citation.start;
    place["end"] = citation.end;
  }
  json::object location;
  location[kind] = std::move(place);
  out["location"] = std::move(location);
  return out;
}

json::object source_json(const llm::MediaSource& source) {
  json::object out;
  if (source.uri.empty()) {
    out["bytes"] = base::base64_encode(source.bytes);
    return out;
  }
  json::object place{{"uri", source.uri}};
  if (!source.bucket_owner.empty()) place["bucketOwner"] = source.bucket_owner;
  out["s3Location"] = std::move(place);
  return out;
}

json::object result_piece_json(const llm::ToolResultContent& content) {
  json::object out;
  if (const auto* text = std::get_if<llm::TextBlock>(&content)) {
    out["text"] = text->text;
  } else if (const auto* value = std::get_if<llm::JsonBlock>(&content)) {
    out["json"] = base::parse_json(value->json).value_or(json::value(value->json));
  } else if (const auto* image = std::get_if<llm::ImageBlock>(&content)) {
    json::object made{{"format", image->format}};
    made["source"] = source_json(image->source);
    out["image"] = std::move(made);
  }
  return out;
}

std::string_view stop_reason_name(llm::StopReason reason) {
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
    case kRefusal:  // the nearest that Converse has
      return "content_filtered";
    case kGuardrail:
      return "guardrail_intervened";
    case kPauseTurn:  // not in Converse's list; anything that is would say what the model did not
      return "pause_turn";
    case kMalformedOutput:
      return "malformed_model_output";
    case kMalformedToolUse:
      return "malformed_tool_use";
    case kContextWindowExceeded:
      return "model_context_window_exceeded";
  }
  return "malformed_model_output";
}

json::object usage_json(const llm::Usage& usage) {
  json::object out{{"inputTokens", usage.input_tokens},
                   {"outputTokens", usage.output_tokens},
                   {"totalTokens", usage.total()}};
  // Both or none, as Bedrock has it: none where nothing was cached.
  if (usage.cache_read_tokens > 0 || usage.cache_write_tokens > 0) {
    out["cacheReadInputTokens"] = usage.cache_read_tokens;
    out["cacheWriteInputTokens"] = usage.cache_write_tokens;
  }
  if (usage.cache_write_1h_tokens > 0) {
    json::array details;
    details.push_back({{"ttl", "1h"}, {"inputTokens", usage.cache_write_1h_tokens}});
    const std::int64_t shorter = usage.cache_write_tokens - usage.cache_write_1h_tokens;
    if (shorter > 0) details.push_back({{"ttl", "5m"}, {"inputTokens", shorter}});
    out["cacheDetails"] = std::move(details);
  }
  return out;
}

void add_metadata(json::object& out, const llm::StreamMetadata& metadata, std::int64_t measured_latency_ms) {
  if (metadata.usage_known) out["usage"] = usage_json(metadata.usage);
  out["metrics"] = json::object{{"latencyMs", metadata.latency_ms.value_or(measured_latency_ms)}};
  if (!metadata.trace_json.empty())
    if (auto trace = base::parse_json(metadata.trace_json)) out["trace"] = *std::move(trace);
  if (!metadata.latency.empty()) out["performanceConfig"] = json::object{{"latency", metadata.latency}};
  if (!metadata.service_tier.empty()) out["serviceTier"] = json::object{{"type", metadata.service_tier}};
}

void add_extra(json::object& out, const llm::MessageStop& stop) {
  if (stop.additional_fields_json.empty()) return;
  if (auto extra = base::parse_json(stop.additional_fields_json))
    out["additionalModelResponseFields"] = *std::move(extra);
}

}  // namespace caprock::server::bedrock
