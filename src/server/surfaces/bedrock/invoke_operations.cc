#include <chrono>

#include "server/surfaces/bedrock/event_writer.h"
#include "server/surfaces/bedrock/invoke_dialect.h"
#include "server/surfaces/bedrock/operations.h"

namespace caprock::server::bedrock {

using base::failure;
using base::Result;

namespace {

InvokeHead head_of(const BedrockParts& parts, const Exchange& x, const InvokeRequest& asked) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(parts.clock.wall().time_since_epoch());
  const auto& stops = asked.request.inference.stop_sequences;
  return {.dialect = asked.dialect,
          .id = x.context.request_id.str(),
          .stop_sequence = stops.size() == 1 ? stops.front() : std::string(),
          .created = now.count(),
          .model = x.param(0)};
}

base::Awaitable<Result<InvokeRequest>> read(const BedrockParts& parts, Exchange& x, bool stream) {
  CAPROCK_CO_TRY(auto body, co_await read_json(x.request, parts.json));
  co_return read_invoke(std::move(body), x.param(0), stream);
}

// As Bedrock counts an invocation for its caller.
void add_counts(Headers& headers, const llm::StreamMetadata& metadata) {
  if (!metadata.usage_known) return;
  const auto add = [&](const char* name, std::int64_t count) { headers.add(name, std::to_string(count)); };
  add("x-amzn-bedrock-input-token-count", metadata.usage.input_tokens);
  add("x-amzn-bedrock-output-token-count", metadata.usage.output_tokens);
  if (metadata.usage.cache_read_tokens != 0)
    add("x-amzn-bedrock-cache-read-input-token-count", metadata.usage.cache_read_tokens);
  if (metadata.usage.cache_write_tokens != 0)
    add("x-amzn-bedrock-cache-write-input-token-count", metadata.usage.cache_write_tokens);
  if (metadata.latency_ms) add("x-amzn-bedrock-invocation-latency", *metadata.latency_ms);
}

Done translated(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(InvokeRequest asked, co_await read(parts, x, false));
  const InvokeHead head = head_of(parts, x, asked);
  CAPROCK_CO_TRY(const auto stream, co_await parts.chat.converse(x.context, std::move(asked.request)));
  CAPROCK_CO_TRY(const llm::ChatReply reply, co_await llm::collect(*stream));
  CAPROCK_CO_TRY(std::string text, invoke_reply(head, reply));
  Headers headers = headers_of(x);
  add_counts(headers, reply.metadata);
  co_return co_await respond(x.response, 200, std::move(headers), std::move(text));
}

Done pump(Exchange& x, llm::ChatStream& stream, InvokeWriter& writer, llm::StreamEvent first) {
  for (std::optional<llm::StreamEvent> event = std::move(first); event;) {
    std::string frames;
    CAPROCK_CO_CHECK(writer.append(frames, *event));
    if (!frames.empty()) CAPROCK_CO_CHECK(co_await x.response.write(std::move(frames)));
    CAPROCK_CO_TRY(event, co_await stream.next());
  }
  if (!writer.done())
    co_return failure(
        base::Error(base::ErrorKind::kUpstream, "the model's stream ended before its message did"));
  co_return Result<void>{};
}

Done translated_stream(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(InvokeRequest asked, co_await read(parts, x, true));
  InvokeWriter writer(head_of(parts, x, asked));
  CAPROCK_CO_TRY(const auto stream, co_await parts.chat.converse(x.context, std::move(asked.request)));
  CAPROCK_CO_TRY(std::optional<llm::StreamEvent> first, co_await stream->next());
  if (!first)
    co_return failure(base::Error(base::ErrorKind::kUpstream, "the model's stream ended before it began"));
  Headers headers = headers_of(x, "application/vnd.amazon.eventstream");
  headers.add("x-amzn-bedrock-content-type", "application/json");
  CAPROCK_CO_CHECK(co_await x.response.start(200, std::move(headers), {}));
  co_return co_await end_stream(x, co_await pump(x, *stream, writer, *std::move(first)));
}

}  // namespace

Done invoke(const BedrockParts& parts, Exchange& x) {
  if (parts.native.is_native(x.param(0), llm::NativeOperation::kInvoke))
    co_return co_await pass_model_call(parts, x, llm::NativeOperation::kInvoke);
  co_return co_await translated(parts, x);
}

Done invoke_stream(const BedrockParts& parts, Exchange& x) {
  if (parts.native.is_native(x.param(0), llm::NativeOperation::kInvokeStream))
    co_return co_await pass_model_call(parts, x, llm::NativeOperation::kInvokeStream);
  co_return co_await translated_stream(parts, x);
}

}  // namespace caprock::server::bedrock
