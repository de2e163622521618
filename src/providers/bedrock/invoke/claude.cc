#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "providers/bedrock/content_writer.h"
#include "providers/bedrock/invoke/body.h"
#include "providers/bedrock/invoke/claude_content.h"
#include "providers/bedrock/invoke/claude_reply.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/model_fields.h"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
namespace caprock::providers::bedrock::invoke {

using base::failure;
using base::Result;

namespace {

// Anthropic wants to be told; every Claude can write as much.
constexpr std::int64_t kMaxTokens = 4'096;

class RequestWriter {
 public:
  explicit RequestWriter(const llm::ChatRequest& request) : request_(request) {}

  Result<std::string> write() {
    CAPROCK_CHECK(refuse_what_is_missing());
    out_.open_object().key("anthropic_version").text("bedrock-2023-05-31");
    out_.key("max_tokens").number(max_tokens());
    CAPROCK_CHECK(messages());
    const llm::InferenceSettings& settings = request_.inference;
    write_number(out_, "temperature", settings.temperature);
    write_number(out_, "top_p", settings.top_p);
    write_texts(out_, "stop_sequences", settings.stop_sequences);
    CAPROCK_CHECK(tools());
    CAPROCK_CHECK(output());
    if (!request_.end_user.empty())
      out_.key("metadata").open_object().key("user_id").text(request_.end_user).close_object();
    out_.close_object();
    // top_k, thinking, one tool at a time, and what the caller gives of the model's own: as over Converse.
    llm::ChatRequest own;
    CAPROCK_TRY(own.additional_fields_json, model_fields(request_, Family::kClaude));
    return with_additional_fields(out_.take(), own);
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
        {!request_.cache_key.empty(), "prompt_cache_key"},
        {!request_.prompt_variables.empty(), "promptVariables"}};
    for (const auto& [asked, field] : missing)
      if (asked) return failure(claude_cannot(field));
    for (const std::string& path : request_.additional_response_fields)
      if (path != "/stop_sequence") return failure(claude_cannot("additionalModelResponseFieldPaths"));
    return {};
  }

  /// Thinking is a part of what may be written.
  std::int64_t max_tokens() const {
    const std::int64_t thoughts = request_.reasoning ? request_.reasoning->budget_tokens.value_or(0) : 0;
    return request_.inference.max_tokens.value_or(kMaxTokens + thoughts);
  }

  Result<void> messages() {
    // What the system says before anybody else spoke has a place of its own.
    std::size_t first = 0;
    while (first < request_.messages.size() && request_.messages[first].role == llm::Role::kSystem) ++first;
    if (first > 0 || !request_.system.empty()) {
      out_.key("system").open_array();
      CAPROCK_CHECK(system(request_.system, "system"));
      for (std::size_t i = 0; i < first; ++i)
        CAPROCK_CHECK(system(request_.messages[i].content, fmt::format("messages[{}].content", i)));
      out_.close_array();
    }
    out_.key("messages").open_array();
    for (std::size_t i = first; i < request_.messages.size(); ++i) {
      const llm::Message& message = request_.messages[i];
      const std::string path = fmt::format("messages[{}]", i);
      if (!message.name.empty()) return failure(claude_cannot(path + ".name"));
      if (message.role == llm::Role::kSystem)
        return failure(
            claude_cannot(path + ".role", "Claude takes what the system says before the conversation only"));
      out_.open_object().key("role").text(message.role == llm::Role::kUser ? "user" : "assistant");
      out_.key("content").open_array();
      CAPROCK_CHECK(write_claude_content(out_, message.content, path + ".content"));
      out_.close_array().close_object();
    }
    out_.close_array();
    return {};
  }

  Result<void> system(const std::vector<llm::ContentBlock>& blocks, const std::string& path) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const auto* text = std::get_if<llm::TextBlock>(&blocks[i]);
      const bool known = (text != nullptr && text->citations.empty()) ||
                         std::holds_alternative<llm::CachePointBlock>(blocks[i]);
      if (!known) return failure(claude_cannot(fmt::format("{}[{}].{}", path, i, llm::kind_of(blocks[i]))));
    }
    return write_claude_content(out_, blocks, path);
  }

  Result<void> tools() {
    using enum llm::ToolChoice::Kind;
    if (request_.tools.empty()) {
      if (request_.tool_choice && (request_.tool_choice->kind == kAny || request_.tool_choice->kind == kTool))
        return failure(base::invalid_argument("tool_choice", "a tool is to be chosen and none is offered"));
      return {};
    }
    out_.key("tools").open_array();
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      const std::string path = fmt::format("toolConfig.tools[{}]", i);
      if (std::holds_alternative<llm::CachePointBlock>(request_.tools[i]))
        return failure(
            claude_cannot(path + ".cachePoint", "a cache point stands behind what is to be cached"));
      out_.open_object();
      CAPROCK_CHECK(tool(request_.tools[i], path));
      if (i + 1 < request_.tools.size()) {
        if (const auto* point = std::get_if<llm::CachePointBlock>(&request_.tools[i + 1])) {
          write_cache_control(out_, *point);
          ++i;
        }
      }
      out_.close_object();
    }
    out_.close_array();
    choice();
    return {};
  }

  Result<void> tool(const llm::Tool& tool, const std::string& path) {
    if (const auto* spec = std::get_if<llm::ToolSpec>(&tool)) {
      CAPROCK_TRY(const auto schema,
                  checked_object(spec->input_schema_json, path + ".toolSpec.inputSchema.json"));
      out_.key("name").text(spec->name);
      if (!spec->description.empty()) out_.key("description").text(spec->description);
      out_.key("input_schema").raw(schema == "{}" ? R"({"type":"object"})" : schema);
      if (spec->strict) out_.key("strict").boolean(*spec->strict);
      return {};
    }
    const auto& system = std::get<llm::SystemTool>(tool);
    if (system.type.empty()) return failure(claude_cannot(path + ".systemTool"));
    out_.key("type").text(system.type).key("name").text(system.name);
    CAPROCK_TRY(const auto settings, checked_object(system.settings_json, path));
    const auto members = base::parse_json(settings);
    for (const auto& member : members->get_object())
      out_.name(member.key()).raw(base::json_text(member.value()));
    return {};
  }

  void choice() {
    using enum llm::ToolChoice::Kind;
    // With one tool at a time model_fields says it.
    if (!request_.tool_choice || !request_.parallel_tools.value_or(true)) return;
    const llm::ToolChoice& asked = *request_.tool_choice;
    out_.key("tool_choice").open_object().key("type");
    out_.text(asked.kind == kAny    ? "any"
              : asked.kind == kNone ? "none"
              : asked.kind == kTool ? "tool"
                                    : "auto");
    if (asked.kind == kTool) out_.key("name").text(asked.name);
    out_.close_object();
  }

  Result<void> output() {
    using enum llm::ResponseFormat::Kind;
    const std::string effort = effort_of(request_, Family::kClaude);
    const bool format = request_.response_format && request_.response_format->binding &&
                        request_.response_format->kind != kText;
    if (effort.empty() && !format) return {};
    out_.key("output_config").open_object();
    if (!effort.empty()) out_.key("effort").text(effort);
    if (format) {
      if (request_.response_format->kind == kJsonObject)
        return failure(
            claude_cannot("response_format.type",
                          "Claude is held to a JSON schema, not to JSON of any form: use json_schema"));
      CAPROCK_TRY(const auto schema,
                  checked_object(request_.response_format->schema_json, "response_format"));
      out_.key("format")
          .open_object()
          .key("type")
          .text("json_schema")
          .key("schema")
          .raw(schema)
          .close_object();
    }
    out_.close_object();
    return {};
  }

  const llm::ChatRequest& request_;
  base::JsonWriter out_;
};

Result<std::string> body(const llm::ChatRequest& request) { return RequestWriter(request).write(); }

}  // namespace

const Codec& claude() {
  static constexpr Codec kCodec{
      .name = "claude", .user_in_body = true, .body = body, .reader = claude_reader};
  return kCodec;
}

}  // namespace caprock::providers::bedrock::invoke
