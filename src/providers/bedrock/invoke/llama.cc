#include <array>

#include "base/base64.h"
#include "providers/bedrock/invoke/body.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/invoke/turns.h"
#include "providers/bedrock/reply_reader.h"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-meta.html; the templates are Meta's:
// https://www.llama.com/docs/model-cards-and-prompt-formats/
namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::Result;

namespace {

constexpr std::array<std::string_view, 6> kMarks2{"[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>"};
constexpr std::array<std::string_view, 8> kMarks3{
    "<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
    "<|eot_id|>",        "<|eom_id|>",      "<|python_tag|>",      "<|image|>"};
constexpr std::array<std::string_view, 8> kMarks4{"<|begin_of_text|>", "<|end_of_text|>", "<|header_start|>",
                                                  "<|header_end|>",    "<|eot|>",         "<|eom|>",
                                                  "<|python_start|>",  "<|image|>"};

constexpr Abilities kLlama2{.title = "Llama 2", .marks = kMarks2};
constexpr Abilities kLlama3{.title = "Llama 3", .marks = kMarks3};
constexpr Abilities kLlama3Vision{.title = "Llama 3.2", .images = true, .marks = kMarks3};
constexpr Abilities kLlama4{.title = "Llama 4", .marks = kMarks4};

std::string prompt2(const Turns& turns) {
  std::string prompt;
  for (std::size_t i = 0; i < turns.turns.size(); ++i) {
    const Turn& turn = turns.turns[i];
    if (turn.role != llm::Role::kUser) {
      prompt += " " + turn.text + " </s>";
      continue;
    }
    prompt += "<s>[INST] ";
    if (i == 0 && !turns.system.empty()) prompt += "<<SYS>>\n" + turns.system + "\n<</SYS>>\n\n";
    prompt += turn.text + " [/INST]";
  }
  return prompt;
}

struct Marks {
  std::string_view begin_header;
  std::string_view end_header;
  std::string_view end_turn;
};

std::string prompt_of(const Turns& turns, const Marks& marks) {
  std::string prompt = "<|begin_of_text|>";
  const auto header = [&](std::string_view role) {
    prompt.append(marks.begin_header).append(role).append(marks.end_header).append("\n\n");
  };
  if (!turns.system.empty()) {
    header("system");
    prompt.append(turns.system).append(marks.end_turn);
  }
  for (const Turn& turn : turns.turns) {
    header(turn.role == llm::Role::kUser ? "user" : "assistant");
    for (std::size_t i = 0; i < turn.images.size(); ++i) prompt += "<|image|>";
    prompt.append(turn.text).append(marks.end_turn);
  }
  header("assistant");
  return prompt;
}

std::string prompt3(const Turns& turns) {
  return prompt_of(turns, {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"});
}
std::string prompt4(const Turns& turns) {
  return prompt_of(turns, {"<|header_start|>", "<|header_end|>", "<|eot|>"});
}

void write_images(base::JsonWriter& out, const Turns& turns) {
  bool any = false;
  for (const Turn& turn : turns.turns) {
    for (const llm::ImageBlock* image : turn.images) {
      if (!std::exchange(any, true)) out.key("images").open_array();
      out.blob(image->source.bytes);
    }
  }
  if (any) out.close_array();
}

Result<std::string> body(const llm::ChatRequest& request, const Abilities& abilities,
                         std::string (*prompt)(const Turns&)) {
  CAPROCK_TRY(const Turns turns, plain_turns(request, abilities));
  const llm::InferenceSettings& settings = request.inference;
  base::JsonWriter out;
  out.open_object().key("prompt").text(prompt(turns));
  write_images(out, turns);
  write_number(out, "max_gen_len", settings.max_tokens);
  write_number(out, "temperature", settings.temperature);
  write_number(out, "top_p", settings.top_p);
  out.close_object();
  return with_additional_fields(out.take(), request);
}

/// A body and a chunk have the same members.
Result<TextPiece> read(const json::object& object) {
  using enum llm::StopReason;
  CAPROCK_TRY(const auto stop, stop_in(object, "stop_reason", {{"stop", kEndTurn}, {"length", kMaxTokens}}));
  return TextPiece{.text = text_of(object, "generation"),
                   .stop = stop,
                   .input_tokens = count_in(object, "prompt_token_count"),
                   .output_tokens = count_in(object, "generation_token_count")};
}

std::unique_ptr<ReplyReader> reader() { return read_text({.whole = read, .chunk = read}); }

}  // namespace

const Codec& llama2() {
  static constexpr Codec kCodec{.name = "llama2",
                                .body = [](const auto& request) { return body(request, kLlama2, prompt2); },
                                .reader = reader};
  return kCodec;
}

const Codec& llama3() {
  static constexpr Codec kCodec{.name = "llama3",
                                .body = [](const auto& request) { return body(request, kLlama3, prompt3); },
                                .reader = reader};
  return kCodec;
}

const Codec& llama3_vision() {
  static constexpr Codec kCodec{
      .name = "llama3-vision",
      .body = [](const auto& request) { return body(request, kLlama3Vision, prompt3); },
      .reader = reader};
  return kCodec;
}

const Codec& llama4() {
  static constexpr Codec kCodec{.name = "llama4",
                                .body = [](const auto& request) { return body(request, kLlama4, prompt4); },
                                .reader = reader};
  return kCodec;
}

}  // namespace caprock::providers::bedrock::invoke
