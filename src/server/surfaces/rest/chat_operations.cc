#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/json/json_text.h"
#include "rag/wire/render.h"
#include "server/errors.h"
#include "server/json_body.h"
#include "server/sse_writer.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"
#include "server/surfaces/rest/request_bodies.h"

namespace caprock::server::rest {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;
using Reader = std::unique_ptr<agent::TurnReader>;

namespace {

struct FollowQuery {
  std::optional<std::int64_t> after;
};

base::Fields<FollowQuery> follow_fields() {
  base::Fields<FollowQuery> fields;
  fields.integer("after", &FollowQuery::after,
                 {.help = "Id of the last event that was read; Last-Event-ID says the same.", .min = 0});
  return fields;
}

Result<void> check_tools(const RestParts& parts, const std::vector<std::string>& names) {
  const auto specs = parts.tools.specs();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::ranges::find(specs, names[i], &llm::ToolSpec::name) != specs.end()) continue;
    return failure(
        invalid_argument(fmt::format("tools[{}]", i),
                         fmt::format("There is no tool named \"{}\"; GET /tools lists them.", names[i])));
  }
  return {};
}

base::Awaitable<Result<agent::ChatTurn>> read_turn(const RestParts& parts, Exchange& x, std::string route) {
  CAPROCK_CO_TRY(const auto value, co_await read_json(x.request, {.depth = parts.settings.json_depth}));
  CAPROCK_CO_TRY(auto body, chat_fields().parse(value));
  CAPROCK_CO_CHECK(check_tools(parts, body.tools));
  agent::ChatTurn turn{.message = std::move(body.message),
                       .conversation = {},
                       .model = std::move(body.model),
                       .collection = std::move(body.collection),
                       .top_k = body.top_k,
                       .once = {}};
  if (body.conversation_id) turn.conversation = stores::ConversationId(*body.conversation_id);
  CAPROCK_CO_TRY(turn.once, idempotency(x.request, std::move(route), base::json_text(value)));
  co_return turn;
}

json::object reply_json(const Exchange& x, const agent::ChatReply& reply) {
  json::object record;
  if (auto parsed = base::parse_json(reply.record_json); parsed && parsed->is_object())
    record = parsed->get_object();
  const auto part = [&](std::string_view name, const json::value& otherwise) {
    const auto* found = record.if_contains(name);
    return found == nullptr ? otherwise : *found;
  };
  return {{"conversation_id", reply.conversation.str()},
          {"message", reply.text},
          {"user_id", reply.user},
          {"timestamp", base::iso_time(reply.at)},
          {"model", reply.model.empty() ? json::value(nullptr) : json::value(reply.model)},
          {"sources", part("sources", json::array())},
          {"citations", part("citations", json::array())},
          {"token_usage", part("token_usage", rag::usage_json({}))},
          {"abstained", part("abstained", false)},
          {"reason", part("reason", nullptr)},
          {"degraded", reply.degraded},
          {"request_id", x.context.request_id.str()}};
}

Done chat(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto turn, co_await read_turn(parts, x, "POST /chat"));
  CAPROCK_CO_TRY(const auto reply, co_await parts.chat.turn(x.context, std::move(turn), {}));
  co_return co_await answer_json(x, 200, reply_json(x, reply));
}

// Name and data of an event on the wire.
struct Wire {
  const Exchange& x;
  std::uint64_t id;

  SseEvent operator()(const agent::TurnStarted& e) const {
    return named("start", json::object{{"turn", e.turn},
                                       {"conversation_id", e.conversation.str()},
                                       {"message_sequence", e.message_sequence},
                                       {"request_id", x.context.request_id.str()}});
  }
  SseEvent operator()(const agent::TurnRetrieved& e) const {
    return named("retrieval",
                 json::object{{"query", e.standalone_question}, {"sources", rag::sources_json(e.passages)}});
  }
  SseEvent operator()(const agent::TurnToken& e) const {
    return named("token", json::object{{"text", e.text}});
  }
  SseEvent operator()(const agent::TurnCitation& e) const {
    return named("citation", rag::citation_json(e.citation));
  }
  SseEvent operator()(const agent::TurnDone& e) const { return named("done", reply_json(x, e.reply)); }
  SseEvent operator()(const agent::TurnFailed& e) const {
    return {
        .event = "error", .data = rest_error_json(e.error, x.context.request_id), .id = std::to_string(id)};
  }

 private:
  SseEvent named(std::string name, const json::value& data) const {
    return {.event = std::move(name), .data = base::json_text(data), .id = std::to_string(id)};
  }
};

// The end of the stream is the turn's, or that of this reading of it: the turn itself goes on without its
// reader.
Done tell_turn(SseWriter& writer, Exchange& x, agent::TurnReader& reader) {
  while (true) {
    const auto step = co_await reader.next(x.context, std::chrono::minutes(1));
    if (!step) co_return co_await writer.send_error(step.error());
    if (step->ended) co_return Result<void>{};
    if (step->event) CAPROCK_CO_CHECK(co_await writer.send(std::visit(Wire{x, step->id}, *step->event)));
  }
}

Done stream(const RestParts& parts, Exchange& x, Reader reader) {
  SseWriter writer(x, parts.settings.heartbeat);
  CAPROCK_CO_CHECK(co_await writer.start());
  CAPROCK_CO_CHECK(co_await writer.run(tell_turn(writer, x, *reader)));
  co_return co_await writer.finish();
}

Done chat_stream(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto turn, co_await read_turn(parts, x, "POST /chat/stream"));
  CAPROCK_CO_TRY(auto reader, co_await parts.chat.start(x.context, std::move(turn)));
  co_return co_await stream(parts, x, std::move(reader));
}

Result<std::uint64_t> last_event_id(const Request& request) {
  CAPROCK_TRY(const auto pairs, query_pairs(request));
  CAPROCK_TRY(const auto query, follow_fields().parse_query(pairs));
  if (query.after) return static_cast<std::uint64_t>(*query.after);
  const auto header = request.headers.get("last-event-id");
  std::uint64_t after = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), after);
  if (error != std::errc{} && !header.empty()) {
    return failure(
        invalid_argument("Last-Event-ID", "Last-Event-ID must be the id of an event of this turn."));
  }
  return after;
}

Done follow(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto after, last_event_id(x.request));
  CAPROCK_CO_TRY(auto turn, uuid_param(x, "chat turn"));
  CAPROCK_CO_TRY(auto reader, co_await parts.chat.follow(x.context, std::move(turn), after));
  co_return co_await stream(parts, x, std::move(reader));
}

constexpr std::string_view kEvents =
    "Events start, retrieval, token, citation, then done or error; each with an id. Comments keep it alive.";

}  // namespace

std::vector<Operation> chat_operations(const Parts& parts) {
  return {{.method = "POST",
           .pattern = "/chat",
           .auth = AuthClass::kUser,
           .id = "chat",
           .tag = "conversations",
           .summary = "One turn of a conversation.",
           .handler = bound(parts, chat),
           .replies = {{.help = "The answer; degraded when the model could not be reached.",
                        .schema = "ChatResponse"}},
           .errors = {404, 409},
           .request = "ChatRequest",
           .idempotency_key = true},
          {.method = "POST",
           .pattern = "/chat/stream",
           .auth = AuthClass::kUser,
           .id = "chatStream",
           .tag = "conversations",
           .summary = "One turn of a conversation, told while it happens.",
           .handler = bound(parts, chat_stream),
           .replies = {{.help = kEvents, .schema = "ChatEvent", .content_type = "text/event-stream"}},
           .errors = {404, 409},
           .request = "ChatRequest",
           .idempotency_key = true},
          {.method = "GET",
           .pattern = "/chat/stream/{turn}",
           .auth = AuthClass::kUser,
           .id = "resumeChatStream",
           .tag = "conversations",
           .summary = "Takes a running or lately finished turn up again.",
           .handler = bound(parts, follow),
           .replies = {{.help = kEvents, .schema = "ChatEvent", .content_type = "text/event-stream"}},
           .errors = {404, 409},
           .query = follow_fields()}};
}

}  // namespace caprock::server::rest
