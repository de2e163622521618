#include <array>

#include "providers/bedrock/invoke/body.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/invoke/turns.h"
#include "providers/bedrock/reply_reader.h"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-mistral-text-completion.html
namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::Result;

namespace {

constexpr std::array<std::string_view, 4> kMarks{"[INST]", "[/INST]", "<s>", "</s>"};
constexpr Abilities kMistral{.title = "Mistral", .top_k = true, .stops = true, .marks = kMarks};

/// There is no place for a system prompt: it stands before the first question.
std::string prompt_of(const Turns& turns) {
  std::string prompt = "<s>";
  for (std::size_t i = 0; i < turns.turns.size(); ++i) {
    const Turn& turn = turns.turns[i];
    if (turn.role != llm::Role::kUser) {
      prompt += " " + turn.text + "</s> ";
      continue;
    }
    prompt += "[INST] ";
    if (i == 0 && !turns.system.empty()) prompt += turns.system + "\n\n";
    prompt += turn.text + " [/INST]";
  }
  return prompt;
}

Result<std::string> body(const llm::ChatRequest& request) {
  CAPROCK_TRY(const Turns turns, plain_turns(request, kMistral));
  const llm::InferenceSettings& settings = request.inference;
  base::JsonWriter out;
  out.open_object().key("prompt").text(prompt_of(turns));
  write_number(out, "max_tokens", settings.max_tokens);
  write_number(out, "temperature", settings.temperature);
  write_number(out, "top_p", settings.top_p);
  write_number(out, "top_k", settings.top_k);
  write_texts(out, "stop", settings.stop_sequences);
  out.close_object();
  return with_additional_fields(out.take(), request);
}

Result<TextPiece> read(const json::object& object) {
  using enum llm::StopReason;
  // The last chunk of a stream may bring the figures alone.
  if (!object.contains("outputs")) return TextPiece{};
  CAPROCK_TRY(const json::object* output, only_of(object, "outputs"));
  CAPROCK_TRY(const auto stop, stop_in(*output, "stop_reason", {{"stop", kEndTurn}, {"length", kMaxTokens}}));
  return TextPiece{.text = text_of(*output, "text"), .stop = stop};
}

}  // namespace

const Codec& mistral_text() {
  static constexpr Codec kCodec{.name = "mistral-text", .body = body, .reader = [] {
                                  return read_text({.whole = read, .chunk = read});
                                }};
  return kCodec;
}

}  // namespace caprock::providers::bedrock::invoke
