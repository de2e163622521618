#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "providers/bedrock/invoke/cohere_tools.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/reply_reader.h"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-cohere-command-r-plus.html
namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

constexpr Abilities kCommandR{.title = "Cohere Command R",
                              .top_k = true,
                              .stops = true,
                              .penalties = true,
                              .seed = true,
                              .tools = true};

Result<std::string> body(const llm::ChatRequest& request) {
  CAPROCK_CHECK(refuse_beyond(request, kCommandR));
  CAPROCK_TRY(const CohereTurns turns, cohere_turns(request, kCommandR));
  const llm::InferenceSettings& settings = request.inference;
  base::JsonWriter out;
  out.open_object().key("message").text(turns.text.turns.back().text);
  if (turns.text.turns.size() > 1) {
    out.key("chat_history").open_array();
    for (std::size_t i = 0; i + 1 < turns.text.turns.size(); ++i) {
      const Turn& turn = turns.text.turns[i];
      out.open_object().key("role").text(turn.role == llm::Role::kUser ? "USER" : "CHATBOT");
      out.key("message").text(turn.text).close_object();
    }
    out.close_array();
  }
  if (!turns.text.system.empty()) out.key("preamble").text(turns.text.system);
  write_number(out, "max_tokens", settings.max_tokens);
  write_number(out, "temperature", settings.temperature);
  write_number(out, "p", settings.top_p);
  write_number(out, "k", settings.top_k);
  write_number(out, "frequency_penalty", settings.frequency_penalty);
  write_number(out, "presence_penalty", settings.presence_penalty);
  write_number(out, "seed", settings.seed);
  write_texts(out, "stop_sequences", settings.stop_sequences);
  CAPROCK_CHECK(write_cohere_tools(out, request, kCommandR));
  CAPROCK_CHECK(write_cohere_results(out, turns));
  out.close_object();
  return with_additional_fields(out.take(), request);
}

class CohereReader final : public ReplyReader {
 public:
  Result<void> whole(const json::object& body, Reply& reply) override {
    start(text_of(body, "generation_id"), reply);
    say(text_of(body, "text"), reply);
    cite(body, reply);
    CAPROCK_CHECK(call(body, reply));
    return end(body, reply);
  }

  Result<void> chunk(const json::object& chunk, Reply& reply) override {
    const std::string type = text_of(chunk, "event_type");
    if (reply.stop && !type.empty()) return failure(unreadable("the reply goes on after its end"));
    if (type == "stream-start") start(text_of(chunk, "generation_id"), reply);
    if (type == "text-generation") say(text_of(chunk, "text"), reply);
    if (type == "citation-generation") cite(chunk, reply);
    if (type == "tool-calls-generation") return call(chunk, reply);
    if (type == "stream-end") return end(chunk, reply);
    return {};  // kinds to come
  }

 private:
  void start(std::string id, Reply& reply) {
    if (started_) return;
    started_ = true;
    id_ = std::move(id);
    reply.events.emplace_back(llm::MessageStart{.id = id_});
  }

  void say(std::string text, Reply& reply) {
    start({}, reply);
    if (text.empty()) return;
    spoke_ = true;
    reply.events.emplace_back(llm::TextDelta{.block = 0, .text = std::move(text)});
  }

  /// Parts of the answer and the results of tools that they rest on.
  void cite(const json::object& object, Reply& reply) {
    const json::array* citations = array_of(object, "citations");
    if (citations == nullptr || !spoke_) return;
    for (const json::value& one : *citations) {
      const json::object* found = one.if_object();
      if (found == nullptr) continue;
      llm::Citation citation{.text_start = count_in(*found, "start"), .text_end = count_in(*found, "end")};
      if (const json::array* ids = array_of(*found, "document_ids")) {
        for (const json::value& id : *ids)
          if (id.is_string())
            citation.source += (citation.source.empty() ? "" : ", ") + std::string(id.get_string());
      }
      reply.events.emplace_back(llm::CitationDelta{.block = 0, .citation = std::move(citation)});
    }
  }

  /// Calls have no ids here, and results are matched by them: made from the reply's own.
  Result<void> call(const json::object& object, Reply& reply) {
    start({}, reply);
    const json::array* calls = array_of(object, "tool_calls");
    if (calls == nullptr) return {};
    for (const json::value& one : *calls) {
      const json::object* found = one.if_object();
      if (found == nullptr || text_of(*found, "name").empty())
        return failure(unreadable("a call of no tool"));
      close_text(reply);
      const std::int32_t block = next_++;
      reply.events.emplace_back(llm::ToolUseStart{
          .block = block, .id = fmt::format("call_{}_{}", block, id_), .name = text_of(*found, "name")});
      const json::object* parameters = object_of(*found, "parameters");
      reply.events.emplace_back(llm::ToolInputDelta{
          .block = block, .json = parameters == nullptr ? "{}" : base::json_text(*parameters)});
      reply.events.emplace_back(llm::BlockStop{block});
      called_ = true;
    }
    return {};
  }

  void close_text(Reply& reply) {
    if (closed_) return;
    closed_ = true;
    if (!spoke_) return;
    reply.events.emplace_back(llm::BlockStop{0});
    next_ = 1;
  }

  Result<void> end(const json::object& object, Reply& reply) {
    using enum llm::StopReason;
    start({}, reply);
    const std::string word = text_of(object, "finish_reason");
    if (word == "ERROR" || word == "USER_CANCEL") return failure(model_failed("Command R: " + word));
    CAPROCK_TRY(const auto stop, stop_in(object, "finish_reason",
                                         {{"COMPLETE", called_ ? kToolUse : kEndTurn},
                                          {"MAX_TOKENS", kMaxTokens},
                                          {"STOP_SEQUENCE", kStopSequence},
                                          {"ERROR_TOXIC", kContentFiltered},
                                          {"ERROR_LIMIT", kContextWindowExceeded}}));
    if (!stop) return failure(unreadable("an end without finish_reason"));
    close_text(reply);
    reply.stop = llm::MessageStop{.reason = *stop};
    return {};
  }

  bool started_ = false;
  bool spoke_ = false;
  bool closed_ = false;
  bool called_ = false;
  std::int32_t next_ = 0;
  std::string id_;
};

}  // namespace

const Codec& cohere_chat() {
  static constexpr Codec kCodec{
      .name = "cohere-chat", .body = body, .reader = []() -> std::unique_ptr<ReplyReader> {
        return std::make_unique<CohereReader>();
      }};
  return kCodec;
}

}  // namespace caprock::providers::bedrock::invoke
