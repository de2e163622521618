#include "server/surfaces/bedrock/converse_request.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <set>

#include "base/json/json_text.h"
#include "server/surfaces/bedrock/content_reader.h"
#include "server/surfaces/bedrock/shape.h"
#include "server/surfaces/bedrock/tool_name.h"

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

constexpr std::size_t kMaxToolName = 64;
constexpr std::size_t kMaxMetadata = 16;

class RequestReader {
 public:
  RequestReader(const Shape& body, llm::ChatRequest& out) : body_(body), out_(out) {}

  Result<void> read() {
    CAPROCK_CHECK(messages());
    CAPROCK_CHECK(system());
    CAPROCK_CHECK(inference());
    CAPROCK_CHECK(tools());
    CAPROCK_CHECK(guardrail());
    CAPROCK_CHECK(output());
    CAPROCK_CHECK(variables());
    CAPROCK_CHECK(metadata());
    return service();
  }

 private:
  Result<void> messages() {
    CAPROCK_TRY(const json::array* list, body_.array("messages"));
    if (list == nullptr || list->empty())
      return failure(body_.must_be("messages", "a list of at least one message"));
    for (std::size_t i = 0; i < list->size(); ++i) {
      CAPROCK_TRY(const Shape from, Shape::of((*list)[i], item_path("messages", i), {"role", "content"}));
      CAPROCK_TRY(auto made, message(from));
      out_.messages.push_back(std::move(made));
    }
    return {};
  }

  Result<llm::Message> message(const Shape& from) {
    CAPROCK_TRY(const std::string role, from.choice("role", {"user", "assistant", "system"}));
    if (role.empty()) return failure(from.must_be("role", "\"user\" or \"assistant\""));
    llm::Message made{.role = role == "user"        ? llm::Role::kUser
                              : role == "assistant" ? llm::Role::kAssistant
                                                    : llm::Role::kSystem};
    CAPROCK_TRY(const json::array* content, from.array("content"));
    if (content == nullptr || content->empty())
      return failure(from.must_be("content", "a list of at least one content block"));
    for (std::size_t i = 0; i < content->size(); ++i) {
      const std::string path = item_path(from.path("content"), i);
      CAPROCK_TRY(auto block, read_content_block((*content)[i], path));
      CAPROCK_CHECK(match_tools(block, path));
      made.content.push_back(std::move(block));
    }
    return made;
  }

  /// A result belongs to a call that was made before it.
  Result<void> match_tools(const llm::ContentBlock& block, const std::string& path) {
    if (const auto* use = std::get_if<llm::ToolUseBlock>(&block)) calls_.insert(use->id);
    const auto* result = std::get_if<llm::ToolResultBlock>(&block);
    if (result == nullptr || calls_.contains(result->tool_use_id)) return {};
    return failure(
        base::invalid_argument(path + ".toolResult.toolUseId",
                               path + ".toolResult.toolUseId names no toolUse of an earlier message: '" +
                                   result->tool_use_id + "'"));
  }

  Result<void> system() {
    CAPROCK_TRY(const json::array* list, body_.array("system"));
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      CAPROCK_TRY(auto block, read_system_block((*list)[i], item_path("system", i)));
      out_.system.push_back(std::move(block));
    }
    return {};
  }

  Result<void> inference() {
    CAPROCK_TRY(const auto config,
                body_.shape("inferenceConfig", {"maxTokens", "temperature", "topP", "stopSequences"}));
    if (!config) return {};
    CAPROCK_TRY(out_.inference.max_tokens, config->integer("maxTokens", 1));
    CAPROCK_TRY(out_.inference.temperature, config->number("temperature", 0));
    CAPROCK_TRY(out_.inference.top_p, config->number("topP", 0));
    CAPROCK_TRY(out_.inference.stop_sequences, config->texts("stopSequences"));
    return {};
  }

  Result<void> tools() {
    CAPROCK_TRY(const auto config, body_.shape("toolConfig", {"tools", "toolChoice"}));
    if (!config) return {};
    CAPROCK_TRY(const json::array* list, config->array("tools"));
    if (list == nullptr || list->empty())
      return failure(config->must_be("tools", "a list of at least one tool"));
    for (std::size_t i = 0; i < list->size(); ++i) {
      CAPROCK_TRY(auto made, tool((*list)[i], item_path(config->path("tools"), i)));
      out_.tools.push_back(std::move(made));
    }
    CAPROCK_TRY(const auto choice, config->shape("toolChoice", {"auto", "any", "tool"}));
    if (choice) CAPROCK_CHECK(tool_choice(*choice));
    return {};
  }

  static Result<llm::Tool> tool(const json::value& value, const std::string& path) {
    CAPROCK_TRY(const Shape tool, Shape::of(value, path, {"toolSpec", "systemTool", "cachePoint"}));
    CAPROCK_TRY(const std::string_view kind, tool.sole());
    if (kind == "cachePoint") return read_cache_point(*tool.find(kind), tool.path(kind));
    if (kind == "systemTool") {
      CAPROCK_TRY(const Shape system, tool.required_shape(kind, {"name"}));
      llm::SystemTool made;
      CAPROCK_TRY(made.name, read_tool_name(system));
      return made;
    }
    return tool_spec(tool);
  }

  static Result<llm::Tool> tool_spec(const Shape& tool) {
    CAPROCK_TRY(const Shape spec,
                tool.required_shape("toolSpec", {"name", "description", "inputSchema", "strict"}));
    llm::ToolSpec made;
    CAPROCK_TRY(made.name, read_tool_name(spec));
    CAPROCK_TRY(made.description, spec.text("description"));
    CAPROCK_TRY(made.strict, spec.flag("strict"));
    CAPROCK_TRY(const Shape schema, spec.required_shape("inputSchema", {"json"}));
    const json::value* inner = schema.find("json");
    if (inner == nullptr || !inner->is_object()) return failure(schema.must_be("json", "a JSON schema"));
    made.input_schema_json = base::json_text(*inner);
    return made;
  }

  Result<void> tool_choice(const Shape& choice) {
    using enum llm::ToolChoice::Kind;
    CAPROCK_TRY(const std::string_view kind, choice.sole());
    llm::ToolChoice made{.kind = kind == "auto" ? kAuto : kind == "any" ? kAny : kTool};
    if (made.kind == kTool) {
      CAPROCK_TRY(const Shape named, choice.required_shape("tool", {"name"}));
      CAPROCK_TRY(made.name, read_tool_name(named));
    } else {
      CAPROCK_CHECK(choice.required_shape(kind, {}));
    }
    out_.tool_choice = std::move(made);
    return {};
  }

  Result<void> guardrail() {
    CAPROCK_TRY(const auto config, body_.shape("guardrailConfig", {"guardrailIdentifier", "guardrailVersion",
                                                                   "trace", "streamProcessingMode"}));
    if (!config) return {};
    llm::GuardrailSettings made;
    CAPROCK_TRY(made.id, config->required_text("guardrailIdentifier"));
    CAPROCK_TRY(made.version, config->required_text("guardrailVersion"));
    CAPROCK_TRY(made.trace, config->choice("trace", {"enabled", "disabled", "enabled_full"}));
    CAPROCK_TRY(made.stream_processing, config->choice("streamProcessingMode", {"sync", "async"}));
    out_.guardrail = std::move(made);
    return {};
  }

  Result<void> output() {
    CAPROCK_TRY(const auto config, body_.shape("outputConfig", {"textFormat", "effort"}));
    if (!config) return {};
    CAPROCK_TRY(std::string effort, config->text("effort"));
    if (!effort.empty()) out_.reasoning = llm::ReasoningSettings{.effort = std::move(effort)};
    CAPROCK_TRY(const auto format, config->shape("textFormat", {"type", "structure"}));
    if (!format) return {};
    CAPROCK_TRY(const std::string type, format->choice("type", {"json_schema"}));
    if (type.empty()) return failure(format->must_be("type", "\"json_schema\""));
    CAPROCK_TRY(const Shape structure, format->required_shape("structure", {"jsonSchema"}));
    CAPROCK_TRY(const Shape schema,
                structure.required_shape("jsonSchema", {"schema", "name", "description"}));
    llm::ResponseFormat made;
    CAPROCK_TRY(made.schema_json, schema.required_text("schema"));
    CAPROCK_TRY(made.name, schema.text("name"));
    CAPROCK_TRY(made.description, schema.text("description"));
    out_.response_format = std::move(made);
    return {};
  }

  Result<void> variables() {
    const json::value* value = body_.find("promptVariables");
    if (value == nullptr) return {};
    if (!value->is_object()) return failure(body_.must_be("promptVariables", "an object"));
    for (const auto& member : value->get_object()) {
      const std::string path = body_.path("promptVariables") + "." + std::string(member.key());
      CAPROCK_TRY(const Shape variable, Shape::of(member.value(), path, {"text"}));
      CAPROCK_TRY(std::string text, variable.text("text"));
      out_.prompt_variables.emplace_back(member.key(), std::move(text));
    }
    return {};
  }

  Result<void> metadata() {
    const json::value* value = body_.find("requestMetadata");
    if (value == nullptr) return {};
    if (!value->is_object() || value->get_object().size() > kMaxMetadata)
      return failure(body_.must_be("requestMetadata", "an object of at most 16 strings"));
    for (const auto& member : value->get_object()) {
      if (!member.value().is_string())
        return failure(body_.must_be("requestMetadata", "an object of at most 16 strings"));
      out_.metadata.emplace_back(member.key(), member.value().get_string());
    }
    return {};
  }

  Result<void> service() {
    if (const json::value* fields = body_.find("additionalModelRequestFields")) {
      if (!fields->is_object()) return failure(body_.must_be("additionalModelRequestFields", "an object"));
      if (!fields->get_object().empty()) out_.additional_fields_json = base::json_text(*fields);
    }
    CAPROCK_TRY(out_.additional_response_fields, body_.texts("additionalModelResponseFieldPaths"));
    CAPROCK_TRY(const auto performance, body_.shape("performanceConfig", {"latency"}));
    if (performance) {
      CAPROCK_TRY(out_.latency, performance->choice("latency", {"standard", "optimized"}));
    }
    CAPROCK_TRY(const auto tier, body_.shape("serviceTier", {"type"}));
    if (tier) {
      CAPROCK_TRY(out_.service_tier, tier->choice("type", {"default", "flex", "priority", "reserved"}));
    }
    return {};
  }

  const Shape& body_;
  llm::ChatRequest& out_;
  std::set<std::string, std::less<>> calls_;
};

}  // namespace

Result<std::string> read_tool_name(const Shape& of) {
  CAPROCK_TRY(std::string name, of.text("name"));
  const bool sound =
      !name.empty() && name.size() <= kMaxToolName &&
      std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
  if (!sound) return failure(of.must_be("name", "1 to 64 letters, digits, '_' and '-'"));
  return name;
}

Result<llm::ChatRequest> read_converse(const json::value& body, std::string model, bool stream) {
  CAPROCK_TRY(
      const Shape shape,
      Shape::of(body, "",
                {"messages", "system", "inferenceConfig", "toolConfig", "guardrailConfig",
                 "additionalModelRequestFields", "promptVariables", "additionalModelResponseFieldPaths",
                 "requestMetadata", "performanceConfig", "serviceTier", "outputConfig"}));
  llm::ChatRequest out{.model = std::move(model), .stream = stream};
  CAPROCK_CHECK(RequestReader(shape, out).read());
  return out;
}

}  // namespace caprock::server::bedrock
