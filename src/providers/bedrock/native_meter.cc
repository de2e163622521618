#include "providers/bedrock/native_meter.h"

#include <boost/json.hpp>
#include <charconv>

#include "base/base64.h"
#include "base/json/json_text.h"
#include "base/json/last_member.h"
#include "providers/bedrock/model_family.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;
using llm::NativeOperation;

namespace {

// Usage and what may stand behind it. A guardrail's trace can be longer: then the usage is not known.
constexpr std::size_t kTail = 16U << 10;
// The chunk with the counts is the model's own last event, which has no text.
constexpr std::size_t kLargestLastChunk = 64U << 10;

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The object `name` of the object that ends with `text`. It is small: a tree of it costs little.
std::optional<json::object> object_at_end(std::string_view text, std::string_view name) {
  const std::string_view found = base::last_member(text, name);
  if (!found.starts_with('{')) return std::nullopt;
  auto parsed = base::parse_json(found);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed->get_object());
}

// Anthropic's own spelling, in the body of a reply of InvokeModel: only there is the cache's ttl told.
std::int64_t written_for_an_hour(const json::object& usage) {
  const json::object* writes = object_of(usage, "cache_creation");
  return writes == nullptr ? 0 : number_of(*writes, "ephemeral_1h_input_tokens");
}

bool counts_by_headers(NativeOperation operation) { return operation == NativeOperation::kInvoke; }
bool has_usage(NativeOperation operation) {
  return operation == NativeOperation::kConverse || operation == NativeOperation::kInvoke;
}

}  // namespace

NativeMeter::NativeMeter(NativeOperation operation, CallPlace place, int status,
                         const net::HttpHeaders& headers)
    : operation_(operation),
      place_(std::move(place)),
      status_(status),
      stream_(net::header_value(headers, "content-type").starts_with("application/vnd.amazon.eventstream")) {
  metadata_.usage_known = false;
  metadata_.model = place_.model;
  metadata_.id = place_.request_id;
  if (!stream_ && counts_by_headers(operation_)) read_counts(headers);
}

void NativeMeter::read_counts(const net::HttpHeaders& headers) {
  const auto count = [&](std::string_view name) { return net::header_value(headers, name); };
  const auto input = count("x-amzn-bedrock-input-token-count");
  if (input.empty()) return;
  metadata_.usage_known = true;
  metadata_.usage = {.input_tokens = number_in(input),
                     .output_tokens = number_in(count("x-amzn-bedrock-output-token-count")),
                     .cache_read_tokens = number_in(count("x-amzn-bedrock-cache-read-input-token-count")),
                     .cache_write_tokens = number_in(count("x-amzn-bedrock-cache-write-input-token-count"))};
  if (const auto latency = count("x-amzn-bedrock-invocation-latency"); !latency.empty())
    metadata_.latency_ms = number_in(latency);
}

void NativeMeter::push(std::string_view bytes) {
  if (!stream_) {
    if (has_usage(operation_)) keep_tail(bytes);
    return;
  }
  frames_.push(bytes);
  if (!frames_.last().empty()) look_at(frames_.last());
}

void NativeMeter::keep_tail(std::string_view bytes) {
  if (bytes.size() >= kTail) {
    tail_ = bytes.substr(bytes.size() - kTail);
    return;
  }
  if (tail_.size() + bytes.size() > 2 * kTail) tail_.erase(0, tail_.size() + bytes.size() - kTail);
  tail_ += bytes;
}

// What ends a stream, and what counts it, is in its last message, and so in the last of a piece.
void NativeMeter::look_at(std::string_view message) {
  const aws::EventOutcome outcome = decoder_.decode(message);
  // A wrong checksum is the client's to find: the bytes go on as they came.
  const auto* event = std::get_if<aws::EventMessage>(&outcome);
  if (event == nullptr) return;
  const std::string_view kind = event->message_type();
  if (kind == "exception" || kind == "error") {
    const std::string_view type = event->text(kind == "error" ? ":error-code" : ":exception-type");
    error_ = error_of_exception(place_, type, event->payload);
    ended_ = true;
    return;
  }
  const std::string_view type = event->text(":event-type");
  if (type == "chunk" && event->payload.size() <= kLargestLastChunk) {
    tail_ = event->payload;
  } else if (type == "metadata") {
    ended_ = true;
    if (auto parsed = base::parse_json(event->payload); parsed && parsed->is_object()) {
      llm::StreamMetadata said = read_metadata(parsed->get_object());
      said.usage_known = parsed->get_object().contains("usage");
      if (said.model.empty()) said.model = std::move(metadata_.model);
      said.id = std::move(metadata_.id);
      metadata_ = std::move(said);
    }
  }
}

void NativeMeter::read_body() {
  const auto usage = object_at_end(tail_, "usage");
  if (!usage) return;
  if (counts_by_headers(operation_)) {
    metadata_.usage.cache_write_1h_tokens = written_for_an_hour(*usage);
    return;
  }
  metadata_.usage = read_usage(*usage);
  metadata_.usage_known = true;
  if (const auto metrics = object_at_end(tail_, "metrics"))
    metadata_.latency_ms = number_of(*metrics, "latencyMs");
  if (const auto tier = object_at_end(tail_, "serviceTier")) metadata_.service_tier = text_of(*tier, "type");
}

// {"bytes":"<base64 of the model's event>","p":…}, whose event has the counts when it is the last.
void NativeMeter::read_last_chunk() {
  std::string_view bytes = base::last_member(tail_, "bytes");
  if (bytes.size() < 2) return;
  bytes = bytes.substr(1, bytes.size() - 2);
  const auto event = base::base64_decode(bytes);
  if (!event) return;
  const auto counts = object_at_end(*event, "amazon-bedrock-invocationMetrics");
  if (!counts) return;
  ended_ = true;
  metadata_.usage_known = true;
  metadata_.usage = {.input_tokens = number_of(*counts, "inputTokenCount"),
                     .output_tokens = number_of(*counts, "outputTokenCount"),
                     .cache_read_tokens = number_of(*counts, "cacheReadInputTokenCount"),
                     .cache_write_tokens = number_of(*counts, "cacheWriteInputTokenCount")};
  metadata_.latency_ms = number_of(*counts, "invocationLatency");
}

// Whether the end of HTTP alone is not enough. Converse always says its end. Streams of InvokeModel do for
// the families that Bedrock counts; of a model that somebody imported we do not know it.
bool NativeMeter::must_say_its_end() const {
  return operation_ == NativeOperation::kConverseStream || family_of(place_.model) != Family::kOther;
}

Result<void> NativeMeter::finish() {
  if (!stream_) {
    if (status_ / 100 == 2) read_body();
    if (operation_ == NativeOperation::kConverse && !metadata_.usage_known && status_ / 100 == 2 &&
        is_disguised_error(tail_))
      return failure(error_of_answer(place_, status_, {}, tail_));
    return {};
  }
  if (frames_.fault()) return failure(broken_answer(place_, std::string(aws::describe(*frames_.fault()))));
  if (!frames_.between()) return failure(broken_answer(place_, "the stream ended in the middle of an event"));
  if (operation_ == NativeOperation::kInvokeStream && !ended_) read_last_chunk();
  if (!ended_ && must_say_its_end())
    return failure(broken_answer(place_, "the stream ended before its last event"));
  return {};
}

}  // namespace caprock::providers::bedrock
