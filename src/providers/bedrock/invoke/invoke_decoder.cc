#include "providers/bedrock/invoke/invoke_decoder.h"

#include <boost/json.hpp>
#include <charconv>

#include "base/base64.h"
#include "base/json/json_text.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

constexpr std::string_view kMetrics = "amazon-bedrock-invocationMetrics";

/// An unreadable part is the answer's fault; what the model reported of itself stays as it is.
base::Error placed(const CallPlace& place, base::Error error) {
  if (error.cause == base::ErrorCause::kUnsaid) return broken_answer(place, std::move(error.detail));
  error.origin = {.component = "bedrock",
                  .model = place.model,
                  .region = place.region,
                  .request_id = place.request_id,
                  .status = 0};
  return error;
}

/// What a guardrail of the invocation did stands beside the model's own words.
/// https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-use-invokemodel.html
void take_guardrail(const json::object& object, Reply& reply) {
  if (const json::object* trace = object_of(object, "amazon-bedrock-trace"))
    reply.metadata.trace_json = base::json_text(*trace);
  if (reply.stop && text_of(object, "amazon-bedrock-guardrailAction") == "INTERVENED")
    reply.stop->reason = llm::StopReason::kGuardrail;
}

void take_metrics(const json::object& metrics, llm::StreamMetadata& metadata) {
  if (const auto latency = count_in(metrics, "invocationLatency")) metadata.latency_ms = latency;
  if (metadata.usage_known) return;
  const auto input = count_in(metrics, "inputTokenCount");
  const auto output = count_in(metrics, "outputTokenCount");
  if (input) metadata.usage.input_tokens = *input;
  if (output) metadata.usage.output_tokens = *output;
  metadata.usage.cache_read_tokens = count_in(metrics, "cacheReadInputTokenCount").value_or(0);
  metadata.usage.cache_write_tokens = count_in(metrics, "cacheWriteInputTokenCount").value_or(0);
  metadata.usage_known = input && output;
}

std::optional<std::int64_t> number_in(const net::HttpHeaders& headers, std::string_view name) {
  const std::string_view text = net::header_value(headers, name);
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

void take_headers(const net::HttpHeaders& headers, llm::StreamMetadata& metadata) {
  if (const auto latency = number_in(headers, "x-amzn-bedrock-invocation-latency"))
    metadata.latency_ms = latency;
  if (metadata.usage_known) return;
  const auto input = number_in(headers, "x-amzn-bedrock-input-token-count");
  const auto output = number_in(headers, "x-amzn-bedrock-output-token-count");
  if (input) metadata.usage.input_tokens = *input;
  if (output) metadata.usage.output_tokens = *output;
  metadata.usage.cache_read_tokens =
      number_in(headers, "x-amzn-bedrock-cache-read-input-token-count").value_or(0);
  metadata.usage.cache_write_tokens =
      number_in(headers, "x-amzn-bedrock-cache-write-input-token-count").value_or(0);
  metadata.usage_known = input && output;
}

/// The last two events.
void append_end(const CallPlace& place, bool tell_sequence, Reply& reply,
                std::vector<llm::StreamEvent>& out) {
  if (tell_sequence) {
    json::object told{{"stop_sequence", nullptr}};
    if (!reply.stop->stop_sequence.empty()) told["stop_sequence"] = reply.stop->stop_sequence;
    reply.stop->additional_fields_json = json::serialize(told);
  }
  if (reply.metadata.model.empty()) reply.metadata.model = place.model;
  if (!place.request_id.empty()) reply.metadata.id = place.request_id;
  out.emplace_back(std::move(*reply.stop));
  out.emplace_back(std::move(reply.metadata));
}

void move_events(Reply& reply, std::vector<llm::StreamEvent>& out) {
  for (llm::StreamEvent& event : reply.events) out.push_back(std::move(event));
  reply.events.clear();
}

}  // namespace

InvokeDecoder::InvokeDecoder(CallPlace place, const Codec& codec, bool tell_sequence)
    : ReplyDecoder(std::move(place)), tell_sequence_(tell_sequence), reader_(codec.reader()) {}

Result<void> InvokeDecoder::take_event(std::string_view type, std::string_view payload,
                                       std::vector<llm::StreamEvent>& out) {
  if (type != "chunk") return {};
  if (done_) return failure(broken_answer(place(), "a chunk after the last one"));
  const auto framed = base::parse_json(payload);
  const json::object* frame = framed ? framed->if_object() : nullptr;
  const auto bytes = frame == nullptr ? std::nullopt : base::base64_decode(text_of(*frame, "bytes"));
  if (!bytes) return failure(broken_answer(place(), "a chunk without bytes"));
  const auto value = base::parse_json(*bytes);
  const json::object* chunk = value ? value->if_object() : nullptr;
  if (chunk == nullptr) return failure(broken_answer(place(), "a chunk that is no JSON object"));
  auto taken = take_chunk(*chunk);
  // What the model said before the fault is good.
  move_events(reply_, out);
  if (!taken) return taken;
  if (done_) append_end(place(), tell_sequence_, reply_, out);
  return {};
}

Result<void> InvokeDecoder::take_chunk(const json::object& chunk) {
  if (auto read = reader_->chunk(chunk, reply_); !read)
    return failure(placed(place(), std::move(read).error()));
  take_guardrail(chunk, reply_);
  const json::object* metrics = object_of(chunk, kMetrics);
  if (metrics == nullptr) return {};
  take_metrics(*metrics, reply_.metadata);
  if (!reply_.stop) return failure(broken_answer(place(), "the invocation ended before the model stopped"));
  done_ = true;
  return {};
}

Result<void> InvokeDecoder::finish(std::vector<llm::StreamEvent>& out) {
  if (done_) return {};
  if (!reply_.stop) return failure(broken_answer(place(), "the stream ended before the model stopped"));
  done_ = true;
  append_end(place(), tell_sequence_, reply_, out);
  return {};
}

Result<std::vector<llm::StreamEvent>> read_invoked(const CallPlace& place, const Codec& codec,
                                                   bool tell_sequence, std::string_view body,
                                                   const net::HttpHeaders& headers) {
  const auto value = base::parse_json(body);
  const json::object* object = value ? value->if_object() : nullptr;
  if (object == nullptr) return failure(broken_answer(place, "a reply that is no JSON object"));
  Reply reply;
  if (auto read = codec.reader()->whole(*object, reply); !read)
    return failure(placed(place, std::move(read).error()));
  if (!reply.stop) return failure(broken_answer(place, "a reply that does not say why it ended"));
  take_guardrail(*object, reply);
  take_headers(headers, reply.metadata);
  std::vector<llm::StreamEvent> out;
  move_events(reply, out);
  append_end(place, tell_sequence, reply, out);
  return out;
}

}  // namespace caprock::providers::bedrock::invoke
