#include <chrono>

#include "server/surfaces/bedrock/converse_reply.h"
#include "server/surfaces/bedrock/converse_request.h"
#include "server/surfaces/bedrock/event_writer.h"
#include "server/surfaces/bedrock/operations.h"

namespace caprock::server::bedrock {

using base::failure;
using base::Result;

namespace {

std::int64_t ms_since(const base::Clock& clock, base::MonoTime began) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.mono() - began).count();
}

base::Awaitable<Result<std::unique_ptr<llm::ChatStream>>> ask(const BedrockParts& parts, Exchange& x,
                                                              bool stream) {
  CAPROCK_CO_TRY(const auto body, co_await read_json(x.request, parts.json));
  CAPROCK_CO_TRY(auto request, read_converse(body, x.param(0), stream));
  co_return co_await parts.chat.converse(x.context, std::move(request));
}

Done translated(const BedrockParts& parts, Exchange& x) {
  const base::MonoTime began = parts.clock.mono();
  CAPROCK_CO_TRY(const auto stream, co_await ask(parts, x, false));
  CAPROCK_CO_TRY(const llm::ChatReply reply, co_await llm::collect(*stream));
  CAPROCK_CO_TRY(std::string text, converse_reply(reply, ms_since(parts.clock, began)));
  co_return co_await respond(x.response, 200, headers_of(x, "application/json"), std::move(text));
}

/// Passes the rest of a stream on, each event when it comes. An error is the model's or our client's.
Done pump(const BedrockParts& parts, Exchange& x, llm::ChatStream& stream, base::MonoTime began,
          llm::StreamEvent first) {
  EventWriter writer;
  for (std::optional<llm::StreamEvent> event = std::move(first); event;) {
    std::string frames;
    CAPROCK_CO_CHECK(writer.append(frames, *event, ms_since(parts.clock, began)));
    if (!frames.empty()) CAPROCK_CO_CHECK(co_await x.response.write(std::move(frames)));
    CAPROCK_CO_TRY(event, co_await stream.next());
  }
  if (!writer.stopped())
    co_return failure(
        base::Error(base::ErrorKind::kUpstream, "the model's stream ended before its message did"));
  co_return Result<void>{};
}

Done translated_stream(const BedrockParts& parts, Exchange& x) {
  const base::MonoTime began = parts.clock.mono();
  CAPROCK_CO_TRY(const auto stream, co_await ask(parts, x, true));
  // Until the first event has come there is a status to tell an error by, which SDKs retry.
  CAPROCK_CO_TRY(std::optional<llm::StreamEvent> first, co_await stream->next());
  if (!first)
    co_return failure(base::Error(base::ErrorKind::kUpstream, "the model's stream ended before it began"));
  CAPROCK_CO_CHECK(co_await x.response.start(200, headers_of(x, "application/vnd.amazon.eventstream"), {}));
  co_return co_await end_stream(x, co_await pump(parts, x, *stream, began, *std::move(first)));
}

}  // namespace

Done converse(const BedrockParts& parts, Exchange& x) {
  if (parts.native.is_native(x.param(0), llm::NativeOperation::kConverse))
    co_return co_await pass_model_call(parts, x, llm::NativeOperation::kConverse);
  co_return co_await translated(parts, x);
}

Done converse_stream(const BedrockParts& parts, Exchange& x) {
  if (parts.native.is_native(x.param(0), llm::NativeOperation::kConverseStream))
    co_return co_await pass_model_call(parts, x, llm::NativeOperation::kConverseStream);
  co_return co_await translated_stream(parts, x);
}

}  // namespace caprock::server::bedrock
