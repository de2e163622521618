#include "providers/bedrock/invoke/turns.h"

#include <fmt/format.h>

#include <algorithm>

namespace caprock::providers::bedrock::invoke {

using base::failure;
using base::Result;

namespace {

class TurnsReader {
 public:
  TurnsReader(const llm::ChatRequest& request, const Abilities& abilities)
      : request_(request), abilities_(abilities) {}

  Result<Turns> read() {
    CAPROCK_CHECK(add_system(request_.system, "system"));
    std::size_t i = 0;
    // What the system says before anybody else spoke is the system prompt too.
    for (; i < request_.messages.size() && request_.messages[i].role == llm::Role::kSystem; ++i)
      CAPROCK_CHECK(add_system(request_.messages[i].content, fmt::format("messages[{}].content", i)));
    for (; i < request_.messages.size(); ++i) CAPROCK_CHECK(add_message(i));
    if (out_.turns.empty() || out_.turns.back().role != llm::Role::kUser)
      return failure(base::invalid_argument(
          "messages",
          fmt::format("{} continues a conversation whose last message is the user's", abilities_.title)));
    return std::move(out_);
  }

 private:
  Result<void> add_system(const std::vector<llm::ContentBlock>& blocks, const std::string& path) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const std::string place = fmt::format("{}[{}]", path, i);
      CAPROCK_TRY(const std::string_view text, text_of(blocks[i], place));
      if (!out_.system.empty()) out_.system += "\n\n";
      out_.system += text;
    }
    return {};
  }

  Result<void> add_message(std::size_t index) {
    const llm::Message& message = request_.messages[index];
    const std::string path = fmt::format("messages[{}]", index);
    if (message.role == llm::Role::kSystem)
      return failure(base::invalid_argument(
          path + ".role",
          fmt::format("{} takes what the system says before the conversation only", abilities_.title)));
    if (!message.name.empty()) return failure(not_said(abilities_, path + ".name"));
    if (out_.turns.empty() || out_.turns.back().role != message.role)
      out_.turns.push_back({.role = message.role, .text = {}});
    Turn& turn = out_.turns.back();
    for (std::size_t i = 0; i < message.content.size(); ++i) {
      const std::string place = fmt::format("{}.content[{}]", path, i);
      if (const auto* image = std::get_if<llm::ImageBlock>(&message.content[i])) {
        CAPROCK_CHECK(check_image(*image, place));
        turn.images.push_back(image);
        continue;
      }
      CAPROCK_TRY(const std::string_view text, text_of(message.content[i], place));
      if (!turn.text.empty()) turn.text += "\n\n";
      turn.text += text;
    }
    return {};
  }

  Result<void> check_image(const llm::ImageBlock& image, const std::string& place) const {
    if (!abilities_.images) return failure(not_said(abilities_, place + ".image"));
    if (!image.source.uri.empty() || image.source.bytes.empty())
      return failure(base::invalid_argument(place + ".image.source",
                                            "InvokeModel takes images as bytes only: send the bytes"));
    return {};
  }

  Result<std::string_view> text_of(const llm::ContentBlock& block, const std::string& place) const {
    const auto* text = std::get_if<llm::TextBlock>(&block);
    if (text == nullptr)
      return failure(not_said(abilities_, fmt::format("{}.{}", place, llm::kind_of(block))));
    if (!text->citations.empty()) return failure(not_said(abilities_, place + ".citations"));
    for (const std::string_view mark : abilities_.marks) {
      if (text->text.find(mark) == std::string::npos) continue;
      return failure(base::invalid_argument(
          place + ".text",
          fmt::format("has \"{}\", by which {} tells the parts of its prompt apart: call the "
                      "model by Converse, or leave it out",
                      mark, abilities_.title)));
    }
    return std::string_view(text->text);
  }

  const llm::ChatRequest& request_;
  const Abilities& abilities_;
  Turns out_;
};

}  // namespace

base::Error not_said(const Abilities& abilities, std::string field) {
  std::string message = fmt::format(
      "InvokeModel of {} has no way to say this: leave {} out, or call the model "
      "by Converse",
      abilities.title, field);
  return base::invalid_argument(std::move(field), std::move(message));
}

Result<void> refuse_beyond(const llm::ChatRequest& request, const Abilities& can) {
  using enum llm::ReasoningSettings::Mode;
  const llm::InferenceSettings& settings = request.inference;
  const bool format = request.response_format && request.response_format->binding;
  const bool schema = format && request.response_format->kind == llm::ResponseFormat::Kind::kJsonSchema;
  const bool json = format && request.response_format->kind == llm::ResponseFormat::Kind::kJsonObject;
  const bool choice = request.tool_choice && request.tool_choice->kind != llm::ToolChoice::Kind::kNone;
  const bool offered = !request.tools.empty() && (choice || !request.tool_choice);
  const bool thinks = request.reasoning && request.reasoning->mode != kDisabled &&
                      !(request.reasoning->mode == kUnset && request.reasoning->effort == "none");
  const std::pair<bool, const char*> missing[] = {
      {settings.top_k && !can.top_k, "top_k"},
      {!settings.stop_sequences.empty() && !can.stops, "stop_sequences"},
      {settings.frequency_penalty && !can.penalties, "frequency_penalty"},
      {settings.presence_penalty && !can.penalties, "presence_penalty"},
      {settings.seed && !can.seed, "seed"},
      {!settings.logit_bias.empty(), "logit_bias"},
      {offered && !can.tools, "tools"},
      {choice && request.tools.empty() && request.tool_choice->kind != llm::ToolChoice::Kind::kAuto,
       "tool_choice"},
      {request.parallel_tools.has_value() && !can.tools && offered, "parallel_tool_calls"},
      {schema, "response_format"},
      {json && !can.json, "response_format"},
      {thinks, "reasoning"},
      {!request.verbosity.empty(), "verbosity"},
      {!request.cache_key.empty(), "prompt_cache_key"},
      {!request.prompt_variables.empty(), "promptVariables"},
      {!request.additional_response_fields.empty(), "additionalModelResponseFieldPaths"}};
  for (const auto& [asked, field] : missing)
    if (asked) return failure(not_said(can, field));
  return {};
}

Result<Turns> plain_turns(const llm::ChatRequest& request, const Abilities& abilities) {
  CAPROCK_CHECK(refuse_beyond(request, abilities));
  return TurnsReader(request, abilities).read();
}

}  // namespace caprock::providers::bedrock::invoke
