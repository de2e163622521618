#include "providers/bedrock/invoke/body.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/invoke/turns.h"
#include "providers/bedrock/reply_reader.h"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-cohere-command.html
namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

constexpr Abilities kCommand{.title = "Cohere Command", .top_k = true, .stops = true};

/// One question is the prompt itself: these models complete text.
std::string prompt_of(const Turns& turns) {
  std::string prompt = turns.system.empty() ? std::string() : turns.system + "\n\n";
  if (turns.turns.size() == 1) return prompt + turns.turns.front().text;
  for (const Turn& turn : turns.turns)
    prompt += (turn.role == llm::Role::kUser ? "User: " : "Chatbot: ") + turn.text + "\n\n";
  return prompt + "Chatbot:";
}

Result<std::string> body(const llm::ChatRequest& request) {
  CAPROCK_TRY(const Turns turns, plain_turns(request, kCommand));
  const llm::InferenceSettings& settings = request.inference;
  base::JsonWriter out;
  out.open_object().key("prompt").text(prompt_of(turns));
  write_number(out, "max_tokens", settings.max_tokens);
  write_number(out, "temperature", settings.temperature);
  write_number(out, "p", settings.top_p);
  write_number(out, "k", settings.top_k);
  write_texts(out, "stop_sequences", settings.stop_sequences);
  // "Required to support streaming."
  if (request.stream) out.key("stream").boolean(true);
  out.close_object();
  return with_additional_fields(out.take(), request);
}

Result<std::optional<llm::StopReason>> stop_of(const json::object& object) {
  using enum llm::StopReason;
  if (text_of(object, "finish_reason") == "ERROR")
    return failure(model_failed("Cohere Command ended in an error"));
  return stop_in(object, "finish_reason",
                 {{"COMPLETE", kEndTurn},
                  {"MAX_TOKENS", kMaxTokens},
                  {"STOP_SEQUENCE", kStopSequence},
                  {"ERROR_TOXIC", kContentFiltered},
                  {"ERROR_LIMIT", kContextWindowExceeded}});
}

Result<TextPiece> read_whole(const json::object& reply) {
  CAPROCK_TRY(const json::object* generation, only_of(reply, "generations"));
  CAPROCK_TRY(const auto stop, stop_of(*generation));
  return TextPiece{.text = text_of(*generation, "text"), .stop = stop};
}

Result<TextPiece> read_chunk(const json::object& chunk) {
  CAPROCK_TRY(const auto stop, stop_of(chunk));
  // The event that says "finished" repeats nothing that was said before.
  return TextPiece{.text = text_of(chunk, "text"), .stop = stop};
}

}  // namespace

const Codec& cohere_command() {
  static constexpr Codec kCodec{.name = "cohere-command", .body = body, .reader = [] {
                                  return read_text({.whole = read_whole, .chunk = read_chunk});
                                }};
  return kCodec;
}

}  // namespace caprock::providers::bedrock::invoke
