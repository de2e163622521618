#include "providers/bedrock/invoke/body.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/invoke/turns.h"
#include "providers/bedrock/reply_reader.h"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-text.html
namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::Result;

namespace {

constexpr Abilities kTitan{.title = "Titan Text", .stops = true};

/// The conversational form of AWS's page.
std::string prompt_of(const Turns& turns) {
  std::string prompt = turns.system.empty() ? std::string() : turns.system + "\n\n";
  for (const Turn& turn : turns.turns)
    prompt += (turn.role == llm::Role::kUser ? "User: " : "Bot: ") + turn.text + "\n";
  return prompt + "Bot:";
}

Result<std::string> body(const llm::ChatRequest& request) {
  CAPROCK_TRY(const Turns turns, plain_turns(request, kTitan));
  const llm::InferenceSettings& settings = request.inference;
  base::JsonWriter out;
  out.open_object().key("inputText").text(prompt_of(turns));
  out.key("textGenerationConfig").open_object();
  write_number(out, "maxTokenCount", settings.max_tokens);
  write_number(out, "temperature", settings.temperature);
  write_number(out, "topP", settings.top_p);
  write_texts(out, "stopSequences", settings.stop_sequences);
  out.close_object().close_object();
  return with_additional_fields(out.take(), request);
}

Result<std::optional<llm::StopReason>> stop_of(const json::object& object) {
  using enum llm::StopReason;
  return stop_in(object, "completionReason",
                 {{"FINISH", kEndTurn},
                  {"FINISHED", kEndTurn},
                  {"LENGTH", kMaxTokens},
                  {"STOP_CRITERIA_MET", kStopSequence},
                  {"CONTENT_FILTERED", kContentFiltered}});
}

Result<TextPiece> read_whole(const json::object& reply) {
  CAPROCK_TRY(const json::object* result, only_of(reply, "results"));
  CAPROCK_TRY(const auto stop, stop_of(*result));
  return TextPiece{.text = text_of(*result, "outputText"),
                   .stop = stop,
                   .input_tokens = count_in(reply, "inputTextTokenCount"),
                   .output_tokens = count_in(*result, "tokenCount")};
}

Result<TextPiece> read_chunk(const json::object& chunk) {
  CAPROCK_TRY(const auto stop, stop_of(chunk));
  return TextPiece{.text = text_of(chunk, "outputText"),
                   .stop = stop,
                   .input_tokens = count_in(chunk, "inputTextTokenCount"),
                   .output_tokens = count_in(chunk, "totalOutputTextTokenCount")};
}

}  // namespace

const Codec& titan() {
  static constexpr Codec kCodec{.name = "titan", .body = body, .reader = [] {
                                  return read_text({.whole = read_whole, .chunk = read_chunk});
                                }};
  return kCodec;
}

}  // namespace caprock::providers::bedrock::invoke
