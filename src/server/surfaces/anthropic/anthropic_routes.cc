#include "server/surfaces/anthropic/anthropic_routes.h"

#include <fmt/format.h>

#include <memory>

#include "server/anthropic_error.h"
#include "server/surfaces/anthropic/messages/betas.h"
#include "server/surfaces/anthropic/messages/messages_reply.h"
#include "server/surfaces/anthropic/messages/messages_request.h"
#include "server/surfaces/telling/telling.h"

namespace caprock::server {

using anthropic::Door;
using anthropic::MessagesBody;
using base::failure;
using base::Result;
using Done = base::Awaitable<Result<void>>;
using Parts = std::shared_ptr<const AnthropicParts>;

namespace {

/// As every answer of Anthropic names its request.
Headers headers_of(const Exchange& x, const MessagesBody& body) {
  Headers headers = ignored_header(body.ignored);
  headers.add("request-id", x.context.request_id.str());
  return headers;
}

Done answer(Exchange& x, Headers headers, std::string body) {
  headers.add("content-type", "application/json");
  headers.add("cache-control", "no-store");
  return respond(x.response, 200, std::move(headers), std::move(body));
}

/// The dialect's events of one stream.
class MessageStream final : public StreamRenderer {
 public:
  MessageStream(anthropic::ReplyHead head, const anthropic::Places& places, base::RequestId request_id)
      : renderer_(std::move(head)), places_(places), request_id_(std::move(request_id)) {}

  Result<std::vector<SseEvent>> render(const llm::StreamEvent& event) override {
    CAPROCK_TRY(auto made, renderer_.render(event));
    std::vector<SseEvent> out;
    out.reserve(made.size());
    for (anthropic::Event& one : made)
      out.push_back({.event = std::string(one.type), .data = std::move(one.data), .id = {}});
    return out;
  }
  std::vector<SseEvent> broken(const base::Error& error) override {
    return {{.event = "error", .data = anthropic_error_json(places_.restate(error), request_id_), .id = {}}};
  }
  bool done() const override { return renderer_.done(); }

 private:
  anthropic::EventRenderer renderer_;
  const anthropic::Places& places_;
  const base::RequestId request_id_;
};

base::Awaitable<Result<MessagesBody>> read(const AnthropicParts& parts, Exchange& x, Door door) {
  // Gone before the model is asked: a stream may take minutes.
  CAPROCK_CO_TRY(const auto document, co_await read_json_document(x.request, parts.json));
  CAPROCK_CO_TRY(auto body, anthropic::read_messages_body(document.value, door));
  anthropic::take_betas(x.request.headers.get("anthropic-beta"), body.request, body.ignored);
  co_return body;
}

Done ask(const AnthropicParts& parts, Exchange& x, MessagesBody& body) {
  const anthropic::ReplyHead head = anthropic::head_of("msg_" + x.context.request_id.str(), body.request);
  if (body.request.stream) {
    MessageStream stream(head, body.places, x.context.request_id);
    Telling how{.headers = headers_of(x, body),
                .heartbeat = parts.heartbeat,
                .pulse = "event: ping\ndata: {\"type\": \"ping\"}\n\n"};
    co_return co_await tell(parts.chat, x, std::move(body.request), std::move(how), stream);
  }
  CAPROCK_CO_TRY(auto events, co_await parts.chat.converse(x.context, std::move(body.request)));
  CAPROCK_CO_TRY(const auto reply, co_await llm::collect(*events));
  CAPROCK_CO_TRY(auto text, anthropic::render_reply(head, reply));
  co_return co_await answer(x, headers_of(x, body), std::move(text));
}

Done messages(const AnthropicParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto body, co_await read(parts, x, Door::kMessages));
  auto done = co_await ask(parts, x, body);
  if (!done) co_return failure(body.places.restate(std::move(done).error()));
  co_return Result<void>{};
}

Done count_tokens(const AnthropicParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto body, co_await read(parts, x, Door::kCountTokens));
  const auto count = co_await parts.counter.count(x.context, std::move(body.request));
  if (!count) co_return failure(body.places.restate(count.error()));
  Headers headers = headers_of(x, body);
  if (count->estimated) headers.add("x-caprock-estimated", "true");
  co_return co_await answer(x, std::move(headers),
                            fmt::format(R"({{"input_tokens":{}}})", count->input_tokens));
}

using Function = Done (*)(const AnthropicParts&, Exchange&);

Route route(const Parts& parts, std::string_view pattern, Function function) {
  return {.method = "POST",
          .pattern = pattern,
          .auth = AuthClass::kUser,
          .dialect = Dialect::kAnthropic,
          .handler = [parts, function](Exchange& x) { return function(*parts, x); }};
}

}  // namespace

std::vector<Route> anthropic_routes(AnthropicParts given) {
  const auto parts = std::make_shared<const AnthropicParts>(std::move(given));
  return {route(parts, "/v1/messages", messages), route(parts, "/anthropic/v1/messages", messages),
          route(parts, "/v1/messages/count_tokens", count_tokens),
          route(parts, "/anthropic/v1/messages/count_tokens", count_tokens)};
}

}  // namespace caprock::server
