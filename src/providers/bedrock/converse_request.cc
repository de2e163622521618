#include "providers/bedrock/converse_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "providers/bedrock/content_writer.h"
#include "providers/bedrock/model_fields.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

namespace {

std::string content_of(std::size_t message) { return "messages[" + std::to_string(message) + "].content"; }

class RequestWriter {
 public:
  explicit RequestWriter(const llm::ChatRequest& request)
      : request_(request), family_(family_of(request.model)) {}

  Result<std::string> write() {
    CAPROCK_CHECK(refuse_what_is_missing());
    out_.reserve(size_hint());
    out_.open_object();
    CAPROCK_CHECK(messages());
    CAPROCK_CHECK(inference());
    CAPROCK_CHECK(tools());
    CAPROCK_CHECK(output());
    CAPROCK_TRY(const auto fields, model_fields(request_, family_));
    if (!fields.empty()) out_.key("additionalModelRequestFields").raw(fields);
    CAPROCK_CHECK(service());
    out_.close_object();
    return out_.take();
  }

  Result<std::string> write_counted() {
    out_.reserve(size_hint());
    out_.open_object();
    CAPROCK_CHECK(messages());
    CAPROCK_CHECK(tools());
    CAPROCK_TRY(const auto fields, model_fields(request_, family_));
    if (!fields.empty()) out_.key("additionalModelRequestFields").raw(fields);
    out_.close_object();
    return out_.take();
  }

 private:
  Result<void> refuse_what_is_missing() const {
    const llm::InferenceSettings& settings = request_.inference;
    const std::pair<bool, const char*> missing[] = {
        {settings.frequency_penalty.has_value(), "frequency_penalty"},
        {settings.presence_penalty.has_value(), "presence_penalty"},
        {settings.seed.has_value(), "seed"},
        {!settings.logit_bias.empty(), "logit_bias"},
        {!request_.verbosity.empty(), "verbosity"},
        {!request_.cache_key.empty(), "prompt_cache_key"}};
    for (const auto& [asked, field] : missing)
      if (asked) return failure(not_expressible(field));
    return {};
  }

  std::size_t size_hint() const {
    std::size_t bytes = 256;
    for (const llm::Message& message : request_.messages) {
      for (const llm::ContentBlock& block : message.content) {
        const auto* text = std::get_if<llm::TextBlock>(&block);
        bytes += text != nullptr ? text->text.size() + 64 : 256;
      }
    }
    return bytes + bytes / 32;  // some of it needs escapes
  }

  Result<void> messages() {
    // What the system says before anybody else spoke has a place of its own.
    std::size_t first = 0;
    while (first < request_.messages.size() && request_.messages[first].role == llm::Role::kSystem) ++first;
    if (first > 0 || !request_.system.empty()) {
      out_.key("system").open_array();
      CAPROCK_CHECK(write_system(out_, request_.system, "system"));
      for (std::size_t i = 0; i < first; ++i)
        CAPROCK_CHECK(write_system(out_, request_.messages[i].content, content_of(i)));
      out_.close_array();
    }
    out_.key("messages").open_array();
    for (std::size_t i = first; i < request_.messages.size(); ++i) {
      const llm::Message& message = request_.messages[i];
      if (!message.name.empty()) return failure(not_expressible(fmt::format("messages[{}].name", i)));
      out_.open_object().key("role").text(message.role == llm::Role::kUser        ? "user"
                                          : message.role == llm::Role::kAssistant ? "assistant"
                                                                                  : "system");
      out_.key("content");
      CAPROCK_CHECK(write_content(out_, message.content, content_of(i)));
      out_.close_object();
    }
    out_.close_array();
    return {};
  }

  Result<void> inference() {
    const llm::InferenceSettings& settings = request_.inference;
    if (!settings.max_tokens && !settings.temperature && !settings.top_p && settings.stop_sequences.empty())
      return {};
    out_.key("inferenceConfig").open_object();
    if (settings.max_tokens) out_.key("maxTokens").number(*settings.max_tokens);
    if (settings.temperature) out_.key("temperature").number(*settings.temperature);
    if (settings.top_p) out_.key("topP").number(*settings.top_p);
    if (!settings.stop_sequences.empty()) {
      out_.key("stopSequences");
      texts(settings.stop_sequences);
    }
    out_.close_object();
    return {};
  }

  void texts(const std::vector<std::string>& list) {
    out_.open_array();
    for (const std::string& text : list) out_.text(text);
    out_.close_array();
  }

  bool speaks_of_tools() const {
    return std::ranges::any_of(request_.messages, [](const llm::Message& message) {
      return std::ranges::any_of(message.content, [](const llm::ContentBlock& block) {
        return std::holds_alternative<llm::ToolUseBlock>(block) ||
               std::holds_alternative<llm::ToolResultBlock>(block);
      });
    });
  }

  Result<void> tools() {
    using enum llm::ToolChoice::Kind;
    const llm::ToolChoice choice = request_.tool_choice.value_or(llm::ToolChoice{});
    if (choice.kind == kNone && !request_.tools.empty()) {
      // Converse knows no "none". A model that is offered no tools calls none, but their earlier use cannot
      // be told without offering them.
      if (speaks_of_tools())
        return failure(not_expressible("tool_choice",
                                       "Bedrock has no tool_choice none for a conversation that used tools"));
      return {};
    }
    if (request_.tools.empty()) {
      if (choice.kind == kAny || choice.kind == kTool)
        return failure(
            base::invalid_argument("toolConfig.toolChoice", "a tool is to be chosen and none is offered"));
      return {};
    }
    out_.key("toolConfig").open_object().key("tools").open_array();
    for (std::size_t i = 0; i < request_.tools.size(); ++i) CAPROCK_CHECK(tool(i));
    out_.close_array();
    if (request_.tool_choice) write_choice(choice);
    out_.close_object();
    return {};
  }

  Result<void> tool(std::size_t i) {
    const std::string path = fmt::format("toolConfig.tools[{}]", i);
    out_.open_object();
    if (const auto* spec = std::get_if<llm::ToolSpec>(&request_.tools[i])) {
      CAPROCK_TRY(const auto schema,
                  checked_object(spec->input_schema_json, path + ".toolSpec.inputSchema.json"));
      out_.key("toolSpec").open_object().key("name").text(spec->name);
      if (!spec->description.empty()) out_.key("description").text(spec->description);
      // A tool without parameters: Bedrock wants to be told that they are an object.
      out_.key("inputSchema").open_object().key("json").raw(schema == "{}" ? R"({"type":"object"})" : schema);
      out_.close_object();
      if (spec->strict) out_.key("strict").boolean(*spec->strict);
      out_.close_object();
    } else if (const auto* system = std::get_if<llm::SystemTool>(&request_.tools[i])) {
      if (!system->type.empty()) return failure(not_expressible(path + ".type"));
      if (!system->settings_json.empty()) return failure(not_expressible(path + ".systemTool"));
      out_.key("systemTool").open_object().key("name").text(system->name).close_object();
    } else {
      write_cache_point(out_, std::get<llm::CachePointBlock>(request_.tools[i]));
    }
    out_.close_object();
    return {};
  }

  void write_choice(const llm::ToolChoice& choice) {
    using enum llm::ToolChoice::Kind;
    out_.key("toolChoice").open_object();
    if (choice.kind == kTool)
      out_.key("tool").open_object().key("name").text(choice.name).close_object();
    else
      out_.key(choice.kind == kAny ? "any" : "auto").open_object().close_object();
    out_.close_object();
  }

  Result<void> output() {
    const std::string effort = effort_of(request_, family_);
    const bool schema = request_.response_format && request_.response_format->binding &&
                        request_.response_format->kind != llm::ResponseFormat::Kind::kText;
    if (effort.empty() && !schema) return {};
    out_.key("outputConfig").open_object();
    if (!effort.empty()) out_.key("effort").text(effort);
    if (schema) CAPROCK_CHECK(write_format(*request_.response_format));
    out_.close_object();
    return {};
  }

  Result<void> write_format(const llm::ResponseFormat& format) {
    if (format.kind == llm::ResponseFormat::Kind::kJsonObject)
      return failure(not_expressible(
          "response_format.type",
          "Bedrock holds a model to a JSON schema, not to JSON of any form: use json_schema"));
    CAPROCK_TRY(const auto schema,
                checked_object(format.schema_json, "outputConfig.textFormat.structure.jsonSchema.schema"));
    out_.key("textFormat").open_object().key("type").text("json_schema");
    out_.key("structure").open_object().key("jsonSchema").open_object().key("schema").text(schema);
    if (!format.name.empty()) out_.key("name").text(format.name);
    if (!format.description.empty()) out_.key("description").text(format.description);
    out_.close_object().close_object().close_object();
    return {};
  }

  Result<void> service() {
    if (request_.guardrail) guardrail(*request_.guardrail);
    if (!request_.prompt_variables.empty()) {
      out_.key("promptVariables").open_object();
      for (const auto& [name, value] : request_.prompt_variables)
        out_.name(name).open_object().key("text").text(value).close_object();
      out_.close_object();
    }
    if (!request_.additional_response_fields.empty()) {
      out_.key("additionalModelResponseFieldPaths");
      texts(request_.additional_response_fields);
    } else if (asks_which_stop_sequence(request_)) {
      out_.key("additionalModelResponseFieldPaths");
      texts({"/stop_sequence"});
    }
    metadata();
    if (!request_.latency.empty())
      out_.key("performanceConfig").open_object().key("latency").text(request_.latency).close_object();
    // "auto" leaves it to the provider, as saying nothing does.
    std::string_view tier = request_.service_tier;
    if (tier == "standard_only") tier = "default";
    if (!tier.empty() && tier != "auto")
      out_.key("serviceTier").open_object().key("type").text(tier).close_object();
    return {};
  }

  void guardrail(const llm::GuardrailSettings& settings) {
    out_.key("guardrailConfig").open_object().key("guardrailIdentifier").text(settings.id);
    out_.key("guardrailVersion").text(settings.version);
    if (!settings.trace.empty()) out_.key("trace").text(settings.trace);
    // Only a stream can be looked at while it comes.
    if (request_.stream && !settings.stream_processing.empty())
      out_.key("streamProcessingMode").text(settings.stream_processing);
    out_.close_object();
  }

  void metadata() {
    if (request_.metadata.empty() && request_.end_user.empty()) return;
    out_.key("requestMetadata").open_object();
    for (const auto& [name, value] : request_.metadata) out_.name(name).text(value);
    // Bedrock has no field for who is behind the caller; its invocation log, where abuse is looked for, has.
    const bool told =
        std::ranges::any_of(request_.metadata, [](const auto& m) { return m.first == "end_user"; });
    if (!request_.end_user.empty() && !told) out_.key("end_user").text(request_.end_user);
    out_.close_object();
  }

  const llm::ChatRequest& request_;
  const Family family_;
  base::JsonWriter out_;
};

}  // namespace

bool asks_which_stop_sequence(const llm::ChatRequest& request) {
  return family_of(request.model) == Family::kClaude && !request.inference.stop_sequences.empty() &&
         request.additional_response_fields.empty();
}

Result<std::string> converse_body(const llm::ChatRequest& request) { return RequestWriter(request).write(); }

Result<std::string> converse_tokens_body(const llm::ChatRequest& request) {
  return RequestWriter(request).write_counted();
}

}  // namespace caprock::providers::bedrock
