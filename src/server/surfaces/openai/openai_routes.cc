#include "server/surfaces/openai/openai_routes.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "server/json_body.h"
#include "server/openai_error.h"
#include "server/sse_writer.h"
#include "server/surfaces/openai/chat_reply.h"
#include "server/surfaces/openai/chat_request.h"
#include "server/surfaces/openai/embeddings.h"

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

// Members that nobody knows are not refused, for SDKs grow new ones, but the caller can see that they did
// nothing.
Headers ignored(const std::vector<std::string>& fields) {
  std::string list;
  for (const std::string& field : fields) {
    const bool plain =
        std::ranges::all_of(field, [](unsigned char c) { return c > 0x20 && c < 0x7F && c != ','; });
    if (plain && list.size() < 500) list += (list.empty() ? "" : ", ") + field;
  }
  return list.empty() ? Headers{} : Headers{{"x-caprock-ignored-fields", list}};
}

openai::ReplyHead head_of(const OpenAiParts& parts, const Exchange& x, std::string model) {
  return {.id = "chatcmpl-" + x.context.request_id.str(),
          .created =
              std::chrono::duration_cast<std::chrono::seconds>(parts.clock.wall().time_since_epoch()).count(),
          .model = std::move(model)};
}

/// One stream on its way to its reader; lives in the frame of `tell`.
class Telling {
 public:
  Telling(Exchange& x, SseWriter& writer, llm::ChatStream& events, openai::ChunkRenderer renderer)
      : x_(x), writer_(writer), events_(events), renderer_(std::move(renderer)) {}

  /// Up to [DONE], or to an `error` event after which there is none.
  Done run(llm::StreamEvent first) {
    auto told = co_await pass_on(std::move(first));
    while (told && !renderer_.done()) {
      auto event = co_await events_.next();
      if (!event) {
        told = failure(std::move(event).error());
      } else if (!*event) {
        told =
            failure(base::Error(base::ErrorKind::kUpstream, "The model's reply broke off before its end."));
      } else {
        told = co_await pass_on(std::move(**event));
      }
    }
    if (!told) CAPROCK_CO_CHECK(co_await send_error(std::move(told).error()));
    co_return Result<void>{};
  }

 private:
  Done pass_on(llm::StreamEvent event) {
    CAPROCK_CO_TRY(const auto chunks, renderer_.render(event));
    for (const std::string& chunk : chunks) {
      SseEvent data{.event = {}, .data = chunk, .id = {}};
      CAPROCK_CO_CHECK(co_await writer_.send(data));
    }
    co_return Result<void>{};
  }

  Done send_error(base::Error error) {
    SseEvent data{.event = {}, .data = openai_error_json(x_.explain(std::move(error))), .id = {}};
    return writer_.send(data);
  }

  Exchange& x_;
  SseWriter& writer_;
  llm::ChatStream& events_;
  openai::ChunkRenderer renderer_;
};

Done tell(const OpenAiParts& parts, Exchange& x, openai::ChatBody body) {
  const std::string model = body.request.model;
  CAPROCK_CO_TRY(auto events, co_await parts.chat.converse(x.context, std::move(body.request)));
  // What fails before the first event is still an answer with a status.
  CAPROCK_CO_TRY(auto first, co_await events->next());
  if (!first) co_return failure(base::Error(base::ErrorKind::kUpstream, "The model's reply is empty."));
  SseWriter writer(x, parts.heartbeat);
  CAPROCK_CO_CHECK(co_await writer.start(ignored(body.ignored)));
  Telling telling(x, writer, *events, openai::ChunkRenderer(head_of(parts, x, model), body.include_usage));
  CAPROCK_CO_CHECK(co_await writer.run(telling.run(std::move(*first))));
  co_return co_await writer.finish();
}

Done chat(const OpenAiParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto value, co_await read_json(x.request, {.depth = parts.json_depth}));
  CAPROCK_CO_TRY(auto body, openai::read_chat_body(value));
  if (body.request.stream) co_return co_await tell(parts, x, std::move(body));
  const openai::ReplyHead head = head_of(parts, x, body.request.model);
  CAPROCK_CO_TRY(auto events, co_await parts.chat.converse(x.context, std::move(body.request)));
  CAPROCK_CO_TRY(const auto reply, co_await llm::collect(*events));
  CAPROCK_CO_TRY(auto text, openai::render_reply(head, reply));
  co_return co_await answer(x, std::move(text), ignored(body.ignored));
}

// Nobody says whether a text is a question or a passage; somebody waits for it either way.
Done embeddings(const OpenAiParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto value, co_await read_json(x.request, {.depth = parts.json_depth}));
  CAPROCK_CO_TRY(const auto body, openai::read_embeddings_body(value));
  CAPROCK_CO_TRY(const auto embedder, parts.embedder(body.model, body.dimensions));
  CAPROCK_CO_TRY(const auto vectors,
                 co_await embedder->embed(x.context, body.texts, llm::EmbedPurpose::kSentence));
  co_return co_await answer(x, openai::render_embeddings(body, vectors));
}

json::object model_json(const llm::ModelInfo& model) {
  return {{"id", model.id}, {"object", "model"}, {"created", 0}, {"owned_by", model.provider}};
}

Done list_models(const OpenAiParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto models, co_await parts.models(x.context));
  json::array list;
  for (const llm::ModelInfo& model : models) list.push_back(model_json(model));
  co_return co_await answer(x, base::json_text(json::object{{"object", "list"}, {"data", std::move(list)}}));
}

Done show_model(const OpenAiParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto models, co_await parts.models(x.context));
  const auto found = std::ranges::find(models, x.param(0), &llm::ModelInfo::id);
  if (found == models.end())
    co_return failure(base::not_found("The model '" + x.param(0) + "' does not exist.").with_field("model"));
  co_return co_await answer(x, base::json_text(model_json(*found)));
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
          route(parts, "POST", "/v1/embeddings", embeddings),
          route(parts, "POST", "/openai/v1/embeddings", embeddings),
          route(parts, "GET", "/v1/models", list_models),
          route(parts, "GET", "/openai/v1/models", list_models),
          route(parts, "GET", "/v1/models/{id+}", show_model),
          route(parts, "GET", "/openai/v1/models/{id+}", show_model)};
}

}  // namespace caprock::server
