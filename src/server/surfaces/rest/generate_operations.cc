#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/all_of.h"
#include "base/json/json_text.h"
#include "llm/chat_model.h"
#include "server/errors.h"
#include "server/json_body.h"
#include "server/surfaces/rest/batch_plan.h"
#include "server/surfaces/rest/generate_body.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"
#include "server/surfaces/rest/sampling.h"

namespace caprock::server::rest {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

// What is left of a batch's time for telling how it went.
constexpr std::chrono::seconds kTellingTime{2};

struct Generated {
  llm::ChatReply reply;
  std::vector<std::string_view> left_out;  ///< parameters that the model does not take
};

// The model's side speaks of messages and models; the caller knows prompt and model_preference.
base::Error in_words_of_rest(base::Error error) {
  if (error.field == "model") {
    error.field = "model_preference";
    // No default: the one thing that a request without a model cannot know.
    if (error.kind == base::ErrorKind::kInvalidArgument) error.kind = base::ErrorKind::kNotFound;
  }
  if (error.field.starts_with("messages")) error.field = "prompt";
  return error;
}

base::Awaitable<Result<llm::ChatReply>> ask_once(const RestParts& parts, const base::RequestContext& context,
                                                 llm::ChatRequest request) {
  CAPROCK_CO_TRY(auto events, co_await parts.model->converse(context, std::move(request)));
  co_return co_await llm::collect(*events);
}

// Sampling parameters go to a model as far as it takes them; a refusal costs nothing and names the next one
// to leave out, so it takes as many tries as there are parameters at most.
base::Awaitable<Result<Generated>> ask(const RestParts& parts, const base::RequestContext& context,
                                       llm::ChatRequest request) {
  Generated made;
  while (true) {
    auto reply = co_await ask_once(parts, context, request);
    if (reply) {
      made.reply = std::move(*reply);
      co_return made;
    }
    const std::string_view parameter = not_taken(reply.error(), request.inference);
    if (parameter.empty()) co_return failure(in_words_of_rest(std::move(reply).error()));
    leave_out(parameter, request.inference);
    made.left_out.push_back(parameter);
  }
}

std::string_view name_of(llm::StopReason reason) {
  using enum llm::StopReason;
  switch (reason) {
    case kEndTurn:
      return "end_turn";
    case kMaxTokens:
      return "max_tokens";
    case kStopSequence:
      return "stop_sequence";
    case kToolUse:
      return "tool_use";
    case kContentFiltered:
      return "content_filtered";
    case kGuardrail:
      return "guardrail_intervened";
    case kRefusal:
      return "refusal";
    case kPauseTurn:
      return "pause_turn";
    case kMalformedOutput:
      return "malformed_model_output";
    case kMalformedToolUse:
      return "malformed_tool_use";
    case kContextWindowExceeded:
      return "model_context_window_exceeded";
  }
  return "";
}

json::object usage_json(const llm::Usage& usage) {
  return {{"input", usage.input_tokens},           {"output", usage.output_tokens},
          {"cache_read", usage.cache_read_tokens}, {"cache_write", usage.cache_write_tokens},
          {"reasoning", usage.reasoning_tokens},   {"total", usage.total()}};
}

json::value dollars(const std::optional<std::int64_t>& nano) {
  return nano ? json::value(static_cast<double>(*nano) / 1e9) : json::value(nullptr);
}

base::Awaitable<Result<json::object>> generate(const RestParts& parts, base::RequestContext context,
                                               const GenerateBody& body) {
  const auto began = parts.clock.mono();
  if (!body.request_id.empty()) context.request_id = base::RequestId(body.request_id);
  CAPROCK_CO_TRY(const auto made, co_await ask(parts, context, chat_request_of(body)));
  const llm::StreamMetadata& told = made.reply.metadata;
  const std::string& model = told.model.empty() ? body.model_preference : told.model;
  const bool known = told.usage_known;
  co_return json::object{
      {"text", llm::text_of(made.reply.message)},
      {"model_used", model},
      {"tokens_used", known ? json::value(told.usage.total()) : json::value(nullptr)},
      {"response_time", std::chrono::duration<double>(parts.clock.mono() - began).count()},
      {"cost_estimate", dollars(told.usage.billed_nano_usd)},
      {"request_id", context.request_id.str()},
      {"timestamp", base::iso_time(parts.clock.wall())},
      {"cached", false},
      {"metadata",
       {{"stop_reason", name_of(made.reply.stop.reason)},
        {"token_usage", known ? json::value(usage_json(told.usage)) : json::value(nullptr)},
        {"parameters_not_taken", json::array(made.left_out.begin(), made.left_out.end())}}}};
}

base::Error not_offered() { return base::not_found("No models are asked here."); }

Done generate_one(const RestParts& parts, Exchange& x) {
  if (parts.model == nullptr) co_return failure(not_offered());
  CAPROCK_CO_TRY(const auto value, co_await read_json(x.request, {.depth = parts.settings.json_depth}));
  CAPROCK_CO_TRY(const auto body, generate_fields().parse(value));
  CAPROCK_CO_TRY(auto answer, co_await generate(parts, x.context, body));
  co_return co_await answer_json(x, 200, std::move(answer));
}

/// A batch while it runs; lives in the frame of its handler.
class Batch {
 public:
  Batch(const RestParts& parts, Exchange& x, std::vector<GenerateBody> requests)
      : parts_(parts), x_(x), requests_(std::move(requests)), answers_(requests_.size()), plan_(models()) {}

  Done run() {
    std::vector<Done> workers;
    const auto side_by_side = static_cast<std::size_t>(parts_.settings.generate.batch_parallel);
    for (std::size_t i = 0; i < std::min(side_by_side, requests_.size()); ++i) workers.push_back(work());
    CAPROCK_CO_CHECK(co_await base::all_of(std::move(workers)));
    // Answers to nobody need not be told; a deadline has passed for the entries that had not come up only.
    if (x_.context.cancelled.stop_requested()) CAPROCK_CO_CHECK(x_.context.check());
    co_return Result<void>{};
  }

  json::object take() {
    return {{"responses", json::array(std::make_move_iterator(answers_.begin()),
                                      std::make_move_iterator(answers_.end()))}};
  }

 private:
  std::vector<std::string> models() const {
    std::vector<std::string> all;
    for (const GenerateBody& one : requests_) all.push_back(one.model_preference);
    return all;
  }

  Done work() {
    while (const auto index = plan_.next()) {
      answers_[*index] = co_await entry(*index);
      plan_.done(*index);
    }
    co_return Result<void>{};
  }

  base::Awaitable<json::object> entry(std::size_t index) {
    base::RequestContext context = x_.context;
    context.request_id = base::RequestId(fmt::format("{}-{}", context.request_id.str(), index));
    // Ends before the whole request does, so that what is there by then is told.
    if (context.deadline.at() != base::MonoTime::max())
      context.deadline = base::Deadline(context.deadline.at() - kTellingTime);
    const GenerateBody& body = requests_[index];
    base::RequestId id = body.request_id.empty() ? context.request_id : base::RequestId(body.request_id);
    Result<json::object> answer = failure(base::Error());
    if (const auto checked = context.check(); !checked)
      answer = failure(checked.error());
    else
      answer = co_await generate(parts_, std::move(context), body);
    if (answer) co_return std::move(*answer);
    co_return json::object{{"error", rest_error_object(answer.error(), id)}};
  }

  const RestParts& parts_;
  Exchange& x_;
  const std::vector<GenerateBody> requests_;
  std::vector<json::object> answers_;
  BatchPlan plan_;
};

Done generate_batch(const RestParts& parts, Exchange& x) {
  if (parts.model == nullptr) co_return failure(not_offered());
  CAPROCK_CO_TRY(const auto value, co_await read_json(x.request, {.depth = parts.settings.json_depth}));
  CAPROCK_CO_TRY(auto body, batch_fields().parse(value));
  const auto most = static_cast<std::size_t>(parts.settings.generate.batch_requests);
  if (body.requests.size() > most)
    co_return failure(base::invalid_argument(
        "requests",
        fmt::format("requests has {} entries; at most {} are allowed ([generate] batch_requests).",
                    body.requests.size(), most)));
  Batch batch(parts, x, std::move(body.requests));
  CAPROCK_CO_CHECK(co_await batch.run());
  co_return co_await answer_json(x, 200, batch.take());
}

}  // namespace

std::vector<Operation> generate_operations(const Parts& parts) {
  return {{.method = "POST",
           .pattern = "/generate",
           .auth = AuthClass::kUser,
           .id = "generate",
           .tag = "models",
           .summary = "Asks a model, without documents.",
           .handler = bound(parts, generate_one),
           .replies = {{.help = "What the model says. What nobody knows (a price, tokens) is null.",
                        .schema = "GenerateResponse"}},
           .errors = {404, 422},
           .request = "GenerateRequest"},
          {.method = "POST",
           .pattern = "/generate/batch",
           .auth = AuthClass::kUser,
           .id = "generateBatch",
           .tag = "models",
           .summary = "Asks models many things, side by side; one failure harms no other.",
           .handler = bound(parts, generate_batch),
           .replies = {{.help = "An answer or an error for each request, in their order.",
                        .schema = "BatchResponse"}},
           .errors = {404, 422},
           .request = "BatchRequest"}};
}

}  // namespace caprock::server::rest
