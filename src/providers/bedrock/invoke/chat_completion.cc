#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "providers/bedrock/content_writer.h"
#include "providers/bedrock/invoke/body.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/invoke/turns.h"
#include "providers/bedrock/reply_reader.h"
#include "providers/openai_compatible/delta_decoder.h"
#include "providers/openai_compatible/message_codec.h"
#include "providers/openai_compatible/stop_reason.h"
#include "providers/openai_compatible/usage_codec.h"

// The families whose bodies are OpenAI's messages: Jamba and the later models of Mistral.
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-jamba.html
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-mistral-chat-completion.html
namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

constexpr Abilities kJamba{.title = "Jamba", .stops = true, .penalties = true, .tools = true, .json = true};
constexpr Abilities kMistral{.title = "Mistral", .tools = true, .images = true};

const openai::Dialect& wire(const Abilities& abilities) {
  const auto made = [](const char* name, const char* title) {
    openai::Dialect dialect;
    dialect.name = name;
    dialect.title = title;
    dialect.thoughts = openai::ThoughtStyle::kNone;
    return dialect;
  };
  static const openai::Dialect kJambaWire = made("jamba", "Jamba over InvokeModel");
  static const openai::Dialect kMistralWire = made("mistral", "Mistral over InvokeModel");
  return abilities.images ? kMistralWire : kJambaWire;
}

/// Both want strings: several texts are one, and a turn that only calls tools says "".
void flatten(json::object& message) {
  json::value& content = message["content"];
  if (content.is_null()) content = "";
  if (!content.is_array()) return;
  std::string text;
  for (const json::value& part : content.get_array()) {
    if (text_of(part.get_object(), "type") != "text") return;
    if (!text.empty()) text += "\n\n";
    text += text_of(part.get_object(), "text");
  }
  content = text;
}

Result<void> refuse_images(const llm::ChatRequest& request, const Abilities& abilities) {
  if (abilities.images) return {};
  for (std::size_t i = 0; i < request.messages.size(); ++i)
    for (std::size_t j = 0; j < request.messages[i].content.size(); ++j)
      if (std::holds_alternative<llm::ImageBlock>(request.messages[i].content[j]))
        return failure(not_said(abilities, fmt::format("messages[{}].content[{}].image", i, j)));
  return {};
}

Result<void> write_tools(base::JsonWriter& out, const llm::ChatRequest& request, const Abilities& abilities) {
  if (request.tools.empty()) return {};
  out.key("tools").open_array();
  for (std::size_t i = 0; i < request.tools.size(); ++i) {
    const std::string path = fmt::format("toolConfig.tools[{}]", i);
    const auto* spec = std::get_if<llm::ToolSpec>(&request.tools[i]);
    if (spec == nullptr) {
      const bool point = std::holds_alternative<llm::CachePointBlock>(request.tools[i]);
      return failure(not_said(abilities, path + (point ? ".cachePoint" : ".systemTool")));
    }
    if (spec->strict) return failure(not_said(abilities, path + ".toolSpec.strict"));
    CAPROCK_TRY(const auto schema,
                checked_object(spec->input_schema_json, path + ".toolSpec.inputSchema.json"));
    out.open_object().key("type").text("function").key("function").open_object().key("name").text(spec->name);
    if (!spec->description.empty()) out.key("description").text(spec->description);
    out.key("parameters").raw(schema).close_object().close_object();
  }
  out.close_array();
  return {};
}

/// Mistral has auto, any and none; Jamba chooses by itself.
Result<void> write_choice(base::JsonWriter& out, const llm::ChatRequest& request,
                          const Abilities& abilities) {
  using enum llm::ToolChoice::Kind;
  if (request.parallel_tools && !request.tools.empty() && !*request.parallel_tools)
    return failure(not_said(abilities, "parallel_tool_calls"));
  if (!request.tool_choice || request.tools.empty() || request.tool_choice->kind == kAuto) return {};
  const auto kind = request.tool_choice->kind;
  if (!abilities.images || kind == kTool) return failure(not_said(abilities, "tool_choice"));
  out.key("tool_choice").text(kind == kAny ? "any" : "none");
  return {};
}

Result<std::string> body(const llm::ChatRequest& request, const Abilities& abilities) {
  CAPROCK_CHECK(refuse_beyond(request, abilities));
  CAPROCK_CHECK(refuse_images(request, abilities));
  CAPROCK_TRY(json::array messages, openai::encode_messages(wire(abilities), request));
  for (json::value& message : messages) flatten(message.get_object());
  const llm::InferenceSettings& settings = request.inference;
  base::JsonWriter out;
  out.open_object().key("messages").raw(base::json_text(messages));
  write_number(out, "max_tokens", settings.max_tokens);
  write_number(out, "temperature", settings.temperature);
  write_number(out, "top_p", settings.top_p);
  write_texts(out, "stop", settings.stop_sequences);
  write_number(out, "frequency_penalty", settings.frequency_penalty);
  write_number(out, "presence_penalty", settings.presence_penalty);
  CAPROCK_CHECK(write_tools(out, request, abilities));
  CAPROCK_CHECK(write_choice(out, request, abilities));
  if (request.response_format && request.response_format->binding &&
      request.response_format->kind == llm::ResponseFormat::Kind::kJsonObject)
    out.key("response_format").open_object().key("type").text("json_object").close_object();
  out.close_object();
  return with_additional_fields(out.take(), request);
}

class ChatReader final : public ReplyReader {
 public:
  Result<void> whole(const json::object& body, Reply& reply) override { return take(body, reply); }
  Result<void> chunk(const json::object& chunk, Reply& reply) override { return take(chunk, reply); }

 private:
  Result<void> take(const json::object& object, Reply& reply) {
    if (!started_) {
      started_ = true;
      const std::string id = text_of(object, "id");
      deltas_.set_reply_id(id);
      reply.events.emplace_back(llm::MessageStart{.id = id, .model = text_of(object, "model")});
    }
    if (const json::object* usage = object_of(object, "usage")) {
      reply.metadata.usage = openai::decode_usage(*usage);
      reply.metadata.usage_known = true;
    }
    const json::array* choices = array_of(object, "choices");
    if (choices == nullptr || choices->empty()) return {};  // figures alone
    CAPROCK_TRY(const json::object* choice, only_of(object, "choices"));
    return take_choice(*choice, reply);
  }

  Result<void> take_choice(const json::object& choice, Reply& reply) {
    // Mistral's chunks have a "message" too.
    const json::object* said = object_of(choice, "delta");
    if (said == nullptr) said = object_of(choice, "message");
    const std::size_t before = reply.events.size();
    if (said != nullptr) {
      if (const auto taken = deltas_.take(*said, reply.events); !taken)
        return failure(unreadable(taken.error()));
    }
    const bool grew = reply.events.size() > before;
    CAPROCK_TRY(const auto stop, stop_of(choice));
    if (reply.stop && grew) return failure(unreadable("the reply goes on after its end"));
    if (!stop || reply.stop) return {};
    deltas_.close(reply.events);
    reply.stop = llm::MessageStop{.reason = *stop};
    return {};
  }

  /// Jamba's finish_reason is Mistral's stop_reason.
  Result<std::optional<llm::StopReason>> stop_of(const json::object& choice) const {
    const json::value* word = choice.if_contains("finish_reason");
    if (word == nullptr || word->is_null()) word = choice.if_contains("stop_reason");
    if (word == nullptr || word->is_null()) return std::nullopt;
    if (*word == "model_length") return llm::StopReason::kContextWindowExceeded;
    const auto stop = openai::decode_stop(json::object{{"finish_reason", *word}}, deltas_.used_tools());
    if (!stop)
      return failure(unreadable("an end that is not known: " + base::json_text(*word).substr(0, 60)));
    return stop->reason;
  }

  openai::DeltaDecoder deltas_;
  bool started_ = false;
};

std::unique_ptr<ReplyReader> reader() { return std::make_unique<ChatReader>(); }

}  // namespace

const Codec& jamba() {
  static constexpr Codec kCodec{
      .name = "jamba", .body = [](const auto& request) { return body(request, kJamba); }, .reader = reader};
  return kCodec;
}

const Codec& mistral_chat() {
  static constexpr Codec kCodec{.name = "mistral-chat",
                                .body = [](const auto& request) { return body(request, kMistral); },
                                .reader = reader};
  return kCodec;
}

}  // namespace caprock::providers::bedrock::invoke
