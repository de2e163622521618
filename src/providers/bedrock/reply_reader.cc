#include "providers/bedrock/reply_reader.h"

#include <array>
#include <boost/json.hpp>
#include <utility>

#include "base/base64.h"
#include "base/json/json_text.h"

namespace caprock::providers::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

base::Error unreadable(std::string detail) {
  return base::Error(base::ErrorKind::kUpstream, "Bedrock's answer cannot be read")
      .with_detail(std::move(detail));
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

const json::object* object_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

llm::Usage read_usage(const json::object& usage) {
  llm::Usage out{.input_tokens = number_of(usage, "inputTokens"),
                 .output_tokens = number_of(usage, "outputTokens"),
                 .cache_read_tokens = number_of(usage, "cacheReadInputTokens"),
                 .cache_write_tokens = number_of(usage, "cacheWriteInputTokens")};
  if (const json::array* details = array_of(usage, "cacheDetails")) {
    for (const json::value& detail : *details) {
      const json::object* one = detail.if_object();
      if (one != nullptr && text_of(*one, "ttl") == "1h")
        out.cache_write_1h_tokens += number_of(*one, "inputTokens");
    }
  }
  return out;
}

std::optional<llm::StopReason> read_stop_reason(std::string_view name) {
  using enum llm::StopReason;
  constexpr std::array<std::pair<std::string_view, llm::StopReason>, 9> kReasons{{
      {"end_turn", kEndTurn},
      {"tool_use", kToolUse},
      {"max_tokens", kMaxTokens},
      {"stop_sequence", kStopSequence},
      {"guardrail_intervened", kGuardrail},
      {"content_filtered", kContentFiltered},
      {"malformed_model_output", kMalformedOutput},
      {"malformed_tool_use", kMalformedToolUse},
      {"model_context_window_exceeded", kContextWindowExceeded},
  }};
  for (const auto& [known, reason] : kReasons)
    if (known == name) return reason;
  return std::nullopt;
}

llm::Citation read_citation(const json::object& citation) {
  using enum llm::Citation::Place;
  llm::Citation out{.title = text_of(citation, "title"), .source = text_of(citation, "source")};
  if (const json::array* content = array_of(citation, "sourceContent")) {
    for (const json::value& part : *content)
      if (const json::object* one = part.if_object()) out.cited_text += text_of(*one, "text");
  }
  const json::object* location = object_of(citation, "location");
  if (location == nullptr) return out;
  constexpr std::array<std::pair<std::string_view, llm::Citation::Place>, 5> kPlaces{{
      {"web", kWeb},
      {"documentChar", kDocumentChar},
      {"documentPage", kDocumentPage},
      {"documentChunk", kDocumentChunk},
      {"searchResultLocation", kSearchResult},
  }};
  for (const auto& [name, place] : kPlaces) {
    const json::object* found = object_of(*location, name);
    if (found == nullptr) continue;
    out.place = place;
    out.url = text_of(*found, "url");
    out.domain = text_of(*found, "domain");
    out.index = number_of(*found, place == kSearchResult ? "searchResultIndex" : "documentIndex");
    out.start = number_of(*found, "start");
    out.end = number_of(*found, "end");
  }
  return out;
}

llm::MessageStop read_extra(const json::object& object, llm::StopReason reason) {
  llm::MessageStop stop{.reason = reason};
  const json::value* extra = object.if_contains("additionalModelResponseFields");
  if (extra == nullptr || extra->is_null()) return stop;
  stop.additional_fields_json = base::json_text(*extra);
  if (const json::object* fields = extra->if_object()) stop.stop_sequence = text_of(*fields, "stop_sequence");
  return stop;
}

llm::StreamMetadata read_metadata(const json::object& object) {
  llm::StreamMetadata out;
  if (const json::object* usage = object_of(object, "usage")) out.usage = read_usage(*usage);
  if (const json::object* metrics = object_of(object, "metrics"))
    out.latency_ms = number_of(*metrics, "latencyMs");
  if (const json::object* tier = object_of(object, "serviceTier")) out.service_tier = text_of(*tier, "type");
  if (const json::object* performance = object_of(object, "performanceConfig"))
    out.latency = text_of(*performance, "latency");
  if (const json::object* trace = object_of(object, "trace")) {
    out.trace_json = base::json_text(*trace);
    const json::object* router = object_of(*trace, "promptRouter");
    if (router != nullptr) out.model = text_of(*router, "invokedModelId");
  }
  return out;
}

Result<llm::MediaSource> read_source(const json::object& source) {
  if (const json::object* place = object_of(source, "s3Location"))
    return llm::MediaSource{
        .bytes = {}, .uri = text_of(*place, "uri"), .bucket_owner = text_of(*place, "bucketOwner")};
  auto bytes = base::base64_decode(text_of(source, "bytes"));
  if (!bytes) return failure(unreadable("an image that is not base64"));
  return llm::MediaSource{.bytes = std::move(*bytes)};
}

}  // namespace caprock::providers::bedrock
