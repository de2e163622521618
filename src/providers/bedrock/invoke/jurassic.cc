#include "providers/bedrock/invoke/body.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/invoke/turns.h"
#include "providers/bedrock/reply_reader.h"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-jurassic2.html
namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

constexpr Abilities kJurassic{.title = "Jurassic-2", .stops = true, .penalties = true};

/// One question is the prompt itself: these models complete text.
std::string prompt_of(const Turns& turns) {
  std::string prompt = turns.system.empty() ? std::string() : turns.system + "\n\n";
  if (turns.turns.size() == 1) return prompt + turns.turns.front().text;
  for (const Turn& turn : turns.turns)
    prompt += (turn.role == llm::Role::kUser ? "User: " : "Assistant: ") + turn.text + "\n\n";
  return prompt + "Assistant:";
}

void write_scale(base::JsonWriter& out, std::string_view name, const std::optional<double>& scale) {
  if (scale) out.key(name).open_object().key("scale").number(*scale).close_object();
}

Result<std::string> body(const llm::ChatRequest& request) {
  CAPROCK_TRY(const Turns turns, plain_turns(request, kJurassic));
  const llm::InferenceSettings& settings = request.inference;
  base::JsonWriter out;
  out.open_object().key("prompt").text(prompt_of(turns));
  write_number(out, "maxTokens", settings.max_tokens);
  write_number(out, "temperature", settings.temperature);
  write_number(out, "topP", settings.top_p);
  write_texts(out, "stopSequences", settings.stop_sequences);
  write_scale(out, "presencePenalty", settings.presence_penalty);
  write_scale(out, "frequencyPenalty", settings.frequency_penalty);
  out.close_object();
  return with_additional_fields(out.take(), request);
}

Result<TextPiece> read_whole(const json::object& reply) {
  using enum llm::StopReason;
  CAPROCK_TRY(const json::object* completion, only_of(reply, "completions"));
  const json::object* data = object_of(*completion, "data");
  const json::object* finish = object_of(*completion, "finishReason");
  if (data == nullptr || finish == nullptr) return failure(unreadable("a completion without data or end"));
  CAPROCK_TRY(
      const auto stop,
      stop_in(*finish, "reason", {{"endoftext", kEndTurn}, {"length", kMaxTokens}, {"stop", kStopSequence}}));
  return TextPiece{.text = text_of(*data, "text"), .stop = stop};
}

Result<TextPiece> no_chunk(const json::object&) {
  return failure(unreadable("a stream of a model that has none"));
}

}  // namespace

const Codec& jurassic() {
  static constexpr Codec kCodec{.name = "jurassic", .streams = false, .body = body, .reader = [] {
                                  return read_text({.whole = read_whole, .chunk = no_chunk});
                                }};
  return kCodec;
}

}  // namespace caprock::providers::bedrock::invoke
