#include "server/surfaces/openai/openai_routes.h"

#include <boost/json.hpp>

#include "base/trace.h"
#include "server/json_body.h"
#include "server/route_header.h"
#include "server/surfaces/openai/chat_reply.h"
#include "server/surfaces/openai/chat_request.h"
#include "server/surfaces/openai/embeddings.h"
#include "server/surfaces/openai/response_reply.h"
#include "server/surfaces/openai/response_request.h"
#include "server/surfaces/telling/telling.h"

namespace caprock::server {

namespace json = boost::json;
using base::failure;
using base::Result;
using Done = base::Awaitable<Result<void>>;
using Parts = std::shared_ptr<const OpenAiParts>;

namespace {

Done answer(Exchange& x, std::string body, const Headers& more = {}) {
  Headers headers{{"content-type", "application/json"}, {"cache-control", "no-store"}};
  for (const Header& header : more.items()) headers.add(header.first, header.second);
  return respond(x.response, 200, std::move(headers), std::move(body));
}

openai::ReplyHead head_of(const OpenAiParts& parts, const Exchange& x, std::string model) {
  return {.id = "chatcmpl-" + x.context.request_id.str(),
          .created =
              std::chrono::duration_cast<std::chrono::seconds>(parts.clock.wall().time_since_epoch()).count(),
          .model = std::move(model)};
}

/// The body as `reader` understands it. The document is gone before the model is asked: a stream may take
/// minutes.
template <class Body>
base::Awaitable<Result<Body>> read_body(const OpenAiParts& parts, Exchange& x,
                                        Result<Body> (*reader)(const json::value&)) {
  CAPROCK_CO_TRY(const auto document, co_await read_json_document(x.request, {.depth = parts.json_depth}));
  co_return reader(document.value);
}

Telling how(const OpenAiParts& parts, Headers headers) {
  return {.headers = std::move(headers), .heartbeat = parts.heartbeat};
}

Done chat(const OpenAiParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto body, co_await read_body(parts, x, openai::read_chat_body));
  const openai::ReplyHead head = head_of(parts, x, body.request.model);
  if (body.request.stream) {
    openai::ChunkRenderer renderer(head, body.include_usage);
    co_return co_await tell(parts.chat, x, std::move(body.request), how(parts, ignored_header(body.ignored)),
                            renderer);
  }
  CAPROCK_CO_TRY(auto events, co_await parts.chat.converse(x.context, std::move(body.request)));
  CAPROCK_CO_TRY(const auto reply, co_await llm::collect(*events));
  CAPROCK_CO_TRY(auto text, openai::render_reply(head, reply));
  Headers headers = ignored_header(body.ignored);
  add_route(headers, *events);
  co_return co_await answer(x, std::move(text), headers);
}

// What the model's side says of messages is said of the caller's input here.
base::Error of_input(base::Error error) {
  if (error.field.starts_with("messages")) error.field = "input";
  return error;
}

Done answer_response(const OpenAiParts& parts, Exchange& x, openai::ResponseBody body) {
  openai::ResponseRenderer renderer(
      {.id = base::random_hex(16), .model = body.request.model, .echo = std::move(body.echo)}, parts.clock);
  Headers headers = ignored_header(body.ignored);
  if (body.request.stream)
    co_return co_await tell(parts.chat, x, std::move(body.request), how(parts, std::move(headers)), renderer);
  CAPROCK_CO_TRY(auto events, co_await parts.chat.converse(x.context, std::move(body.request)));
  add_route(headers, *events);
  while (!renderer.done()) {
    CAPROCK_CO_TRY(const auto event, co_await events->next());
    if (!event)
      co_return failure(
          base::Error(base::ErrorKind::kUpstream, "The model's reply broke off before its end."));
    CAPROCK_CO_CHECK(renderer.render(*event));
  }
  co_return co_await answer(x, renderer.response(), headers);
}

Done respond_to(const OpenAiParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto body, co_await read_body(parts, x, openai::read_response_body));
  auto answered = co_await answer_response(parts, x, std::move(body));
  if (!answered) co_return failure(of_input(std::move(answered).error()));
  co_return answered;
}

Done no_such_response(const OpenAiParts&, Exchange& x) {
  co_return failure(
      base::not_found("Response with id '" + x.param(0) + "' not found: responses are not stored here."));
}

// Nobody says whether a text is a question or a passage; somebody waits for it either way.
Done embeddings(const OpenAiParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto body, co_await read_body(parts, x, openai::read_embeddings_body));
  CAPROCK_CO_TRY(const auto embedder, parts.embedder(body.model, body.dimensions));
  CAPROCK_CO_TRY(const auto vectors,
                 co_await embedder->embed(x.context, body.texts, llm::EmbedPurpose::kSentence));
  co_return co_await answer(x, openai::render_embeddings(body, vectors));
}

using Function = Done (*)(const OpenAiParts&, Exchange&);

Route route(const Parts& parts, std::string_view method, std::string_view pattern, Function function) {
  return {.method = method,
          .pattern = pattern,
          .auth = AuthClass::kUser,
          .dialect = Dialect::kOpenAi,
          .handler = [parts, function](Exchange& x) { return function(*parts, x); }};
}

}  // namespace

std::vector<Route> openai_routes(OpenAiParts given) {
  const auto parts = std::make_shared<const OpenAiParts>(std::move(given));
  return {route(parts, "POST", "/v1/chat/completions", chat),
          route(parts, "POST", "/openai/v1/chat/completions", chat),
          route(parts, "POST", "/v1/responses", respond_to),
          route(parts, "POST", "/openai/v1/responses", respond_to),
          route(parts, "GET", "/v1/responses/{id}", no_such_response),
          route(parts, "GET", "/openai/v1/responses/{id}", no_such_response),
          route(parts, "DELETE", "/v1/responses/{id}", no_such_response),
          route(parts, "DELETE", "/openai/v1/responses/{id}", no_such_response),
          route(parts, "POST", "/v1/embeddings", embeddings),
          route(parts, "POST", "/openai/v1/embeddings", embeddings)};
}

}  // namespace caprock::server
