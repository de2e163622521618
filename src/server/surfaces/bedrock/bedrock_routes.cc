#include "server/surfaces/bedrock/bedrock_routes.h"

#include <chrono>

#include "server/surfaces/bedrock/converse_reply.h"
#include "server/surfaces/bedrock/converse_request.h"
#include "server/surfaces/bedrock/event_writer.h"
#include "server/surfaces/bedrock/model_lists.h"

namespace caprock::server {
namespace {

using base::failure;
using base::Result;
using Done = base::Awaitable<Result<void>>;
using Parts = std::shared_ptr<const BedrockParts>;

/// As every answer of AWS names its request.
Headers headers_of(const Exchange& x, std::string_view content_type) {
  return {{"content-type", std::string(content_type)}, {"x-amzn-requestid", x.context.request_id.str()}};
}

std::int64_t ms_since(const base::Clock& clock, base::MonoTime began) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.mono() - began).count();
}

base::Awaitable<Result<std::unique_ptr<llm::ChatStream>>> ask(const BedrockParts& parts, Exchange& x,
                                                              bool stream) {
  CAPROCK_CO_TRY(const auto body, co_await read_json(x.request, parts.json));
  CAPROCK_CO_TRY(auto request, bedrock::read_converse(body, x.param(0), stream));
  co_return co_await parts.chat.converse(x.context, std::move(request));
}

Done converse(const BedrockParts& parts, Exchange& x) {
  const base::MonoTime began = parts.clock.mono();
  CAPROCK_CO_TRY(const auto stream, co_await ask(parts, x, false));
  CAPROCK_CO_TRY(const llm::ChatReply reply, co_await llm::collect(*stream));
  CAPROCK_CO_TRY(std::string text, bedrock::converse_reply(reply, ms_since(parts.clock, began)));
  co_return co_await respond(x.response, 200, headers_of(x, "application/json"), std::move(text));
}

/// Passes the rest of a stream on, each event when it comes. An error is the model's or our client's.
Done pump(const BedrockParts& parts, Exchange& x, llm::ChatStream& stream, base::MonoTime began,
          llm::StreamEvent first) {
  bedrock::EventWriter writer;
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

Done converse_stream(const BedrockParts& parts, Exchange& x) {
  const base::MonoTime began = parts.clock.mono();
  CAPROCK_CO_TRY(const auto stream, co_await ask(parts, x, true));
  // Until the first event has come there is a status to tell an error by, which SDKs retry.
  CAPROCK_CO_TRY(std::optional<llm::StreamEvent> first, co_await stream->next());
  if (!first)
    co_return failure(base::Error(base::ErrorKind::kUpstream, "the model's stream ended before it began"));
  CAPROCK_CO_CHECK(co_await x.response.start(200, headers_of(x, "application/vnd.amazon.eventstream"), {}));
  Result<void> done = co_await pump(parts, x, *stream, began, *std::move(first));
  if (!done) {
    const base::Error told = x.explain(done.error());
    std::string frame;
    bedrock::append_stream_error(frame, told);
    std::ignore = co_await x.response.write(std::move(frame));
    std::ignore = co_await x.response.finish();
    co_return done;
  }
  co_return co_await x.response.finish();
}

base::Awaitable<Result<std::vector<llm::ModelInfo>>> known_models(const BedrockParts& parts, Exchange& x) {
  if (!parts.models) co_return std::vector<llm::ModelInfo>();
  co_return co_await parts.models(x.context);
}

Done foundation_models(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto models, co_await known_models(parts, x));
  co_return co_await respond(x.response, 200, headers_of(x, "application/json"),
                             bedrock::foundation_models(models));
}

Done inference_profiles(const BedrockParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto models, co_await known_models(parts, x));
  co_return co_await respond(x.response, 200, headers_of(x, "application/json"),
                             bedrock::inference_profiles(models));
}

}  // namespace

std::vector<Route> bedrock_routes(BedrockParts given) {
  const auto parts = std::make_shared<const BedrockParts>(std::move(given));
  const auto bound = [&parts](auto function) -> Handler {
    return [parts, function](Exchange& x) { return function(*parts, x); };
  };
  const auto route = [](std::string_view method, std::string_view pattern, Handler handler) {
    return Route{.method = method,
                 .pattern = pattern,
                 .auth = AuthClass::kUser,
                 .dialect = Dialect::kBedrock,
                 .handler = std::move(handler)};
  };
  // A native request to a native model will pass through here unparsed; today every one is translated.
  return {route("POST", "/model/{modelId}/converse", bound(converse)),
          route("POST", "/model/{modelId}/converse-stream", bound(converse_stream)),
          route("GET", "/foundation-models", bound(foundation_models)),
          route("GET", "/inference-profiles", bound(inference_profiles))};
}

}  // namespace caprock::server
