#include <boost/json.hpp>
#include <chrono>

#include "rag/wire/filter_json.h"
#include "rag/wire/render.h"
#include "server/json_body.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"
#include "server/surfaces/rest/request_bodies.h"

namespace caprock::server::rest {

namespace json = boost::json;

namespace {

double milliseconds(base::MonoTime::duration span) {
  return std::chrono::duration<double, std::milli>(span).count();
}

json::object timings_json(const rag::RetrieveTimings& t, double answer_ms, double total_ms) {
  return {{"embed_ms", t.embed_ms}, {"text_ms", t.text_ms}, {"vector_ms", t.vector_ms},
          {"fuse_ms", t.fuse_ms},   {"load_ms", t.load_ms}, {"answer_ms", answer_ms},
          {"total_ms", total_ms}};
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

// Sentences of the documents cost nothing.
bool inside(const rag::Answer& answer) { return answer.model.empty() || answer.model == "extractive"; }

json::value cost_json(const rag::Answer& answer) {
  if (answer.usage.total() == 0 && inside(answer)) return 0;
  if (!answer.cost_known || !answer.usage.billed_nano_usd) return nullptr;
  return static_cast<double>(*answer.usage.billed_nano_usd) / 1e9;
}

// What both kinds of answer have, in the order of the documentation.
json::object response_json(const Exchange& x, const std::string& query, const rag::Answer& answer, bool asked,
                           double total_ms) {
  return {{"query", query},
          {"answer", asked ? json::value(answer.text) : json::value(nullptr)},
          {"sources", rag::sources_json(answer.passages)},
          {"model_id", text_or_null(answer.model)},
          {"latency_ms", total_ms},
          {"token_usage", rag::usage_json(answer.usage)},
          {"abstained", answer.abstained},
          {"reason", text_or_null(answer.reason)},
          {"confidence", asked ? json::value(answer.confidence) : json::value(nullptr)},
          {"citations", rag::citations_json(answer.citations)},
          {"citations_dropped", answer.citations_dropped},
          {"explanation", text_or_null(answer.explanation)},
          {"answer_value", text_or_null(answer.answer_value)},
          {"timings", timings_json(answer.timings, answer.answer_ms, total_ms)},
          {"cost_usd", cost_json(answer)},
          {"cached", false},
          {"degraded", text_or_null(answer.degraded)},
          {"request_id", x.context.request_id.str()}};
}

rag::Answer without_asking(rag::Retrieval found) {
  rag::Answer answer;
  answer.passages = std::move(found.passages);
  answer.timings = found.timings;
  answer.usage = found.usage;
  answer.degraded = std::move(found.degraded);
  return answer;
}

Done query(const RestParts& parts, Exchange& x) {
  const auto began = parts.clock.mono();
  CAPROCK_CO_TRY(const auto value, co_await read_json(x.request, {.depth = parts.settings.json_depth}));
  CAPROCK_CO_TRY(auto body, query_fields().parse(value));
  rag::RetrieveRequest retrieve{.query = body.query,
                                .collection = body.collection,
                                .top_k = body.top_k,
                                .filter = std::move(body.filter)};
  if (body.retrieval_only) {
    CAPROCK_CO_TRY(auto found, co_await parts.retriever.retrieve(x.context, std::move(retrieve)));
    const auto answer = without_asking(std::move(found));
    const auto total = milliseconds(parts.clock.mono() - began);
    co_return co_await answer_json(x, 200, response_json(x, body.query, answer, false, total));
  }
  rag::AskRequest ask{.retrieve = std::move(retrieve), .history = {}, .model = std::move(body.model)};
  CAPROCK_CO_TRY(const auto answer, co_await parts.answerer.ask(x.context, std::move(ask), {}));
  const auto total = milliseconds(parts.clock.mono() - began);
  co_return co_await answer_json(x, 200, response_json(x, body.query, answer, true, total));
}

}  // namespace

std::vector<Operation> query_operations(const Parts& parts) {
  return {{.method = "POST",
           .pattern = "/query",
           .auth = AuthClass::kUser,
           .id = "query",
           .tag = "answers",
           .summary = "Answers a question from the documents, with citations, or says why it does not.",
           .handler = bound(parts, query),
           .replies = {{.help = "The answer, or the abstention with its reason.", .schema = "QueryResponse"}},
           .errors = {404},
           .request = "QueryRequest"}};
}

}  // namespace caprock::server::rest
