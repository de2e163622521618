#include "providers/bedrock/invoke/cohere_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "providers/bedrock/content_writer.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

template <class Block>
bool has(const llm::Message& message) {
  return std::ranges::any_of(message.content,
                             [](const auto& block) { return std::holds_alternative<Block>(block); });
}

const llm::ToolUseBlock* call_of(const llm::Message& message, const std::string& id) {
  for (const llm::ContentBlock& block : message.content) {
    const auto* use = std::get_if<llm::ToolUseBlock>(&block);
    if (use != nullptr && use->id == id) return use;
  }
  return nullptr;
}

/// The part of the conversation that is text alone.
llm::ChatRequest without_calls(const llm::ChatRequest& request) {
  llm::ChatRequest text = request;
  text.messages.resize(text.messages.size() - 2);
  return text;
}

std::string_view type_of(std::string_view schema_type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTypes{
      {{"string", "str"}, {"integer", "int"}, {"number", "float"}, {"boolean", "bool"}}};
  for (const auto& [theirs, ours] : kTypes)
    if (theirs == schema_type) return ours;
  return {};
}

bool is_required(const json::object& schema, std::string_view name) {
  const json::array* required = array_of(schema, "required");
  return required != nullptr && std::ranges::any_of(*required, [&](const json::value& one) {
           return one.is_string() && std::string_view(one.get_string()) == name;
         });
}

Result<void> write_parameters(base::JsonWriter& out, const json::object& schema, const std::string& path,
                              const Abilities& abilities) {
  const json::object* properties = object_of(schema, "properties");
  out.key("parameter_definitions").open_object();
  if (properties != nullptr) {
    for (const auto& [name, value] : *properties) {
      const std::string place = fmt::format("{}.properties.{}", path, std::string_view(name));
      const json::object* property = value.if_object();
      const std::string_view type =
          property == nullptr ? std::string_view() : type_of(text_of(*property, "type"));
      const std::size_t known =
          property == nullptr ? 0 : property->count("type") + property->count("description");
      if (type.empty() || property->size() != known) return failure(not_said(abilities, place));
      out.name(name).open_object();
      if (property->contains("description")) out.key("description").text(text_of(*property, "description"));
      out.key("type").text(type).key("required").boolean(is_required(schema, name)).close_object();
    }
  }
  out.close_object();
  return {};
}

}  // namespace

Result<CohereTurns> cohere_turns(const llm::ChatRequest& request, const Abilities& abilities) {
  CohereTurns out;
  const std::size_t count = request.messages.size();
  const bool results = count >= 3 && has<llm::ToolResultBlock>(request.messages[count - 1]);
  if (!results) {
    CAPROCK_TRY(out.text, plain_turns(request, abilities));
    return out;
  }
  const llm::Message& last = request.messages[count - 1];
  const llm::Message& calls = request.messages[count - 2];
  for (std::size_t i = 0; i < last.content.size(); ++i) {
    const std::string path = fmt::format("messages[{}].content[{}]", count - 1, i);
    const auto* result = std::get_if<llm::ToolResultBlock>(&last.content[i]);
    if (result == nullptr)
      return failure(not_said(abilities, fmt::format("{}.{}", path, llm::kind_of(last.content[i]))));
    const llm::ToolUseBlock* call = call_of(calls, result->tool_use_id);
    if (call == nullptr)
      return failure(
          base::invalid_argument(path + ".toolResult.toolUseId", "belongs to no call of the message before"));
    out.results.push_back({.call = call, .result = result});
  }
  CAPROCK_TRY(out.text, plain_turns(without_calls(request), abilities));
  return out;
}

Result<void> write_cohere_tools(base::JsonWriter& out, const llm::ChatRequest& request,
                                const Abilities& abilities) {
  using enum llm::ToolChoice::Kind;
  if (request.tools.empty()) return {};
  const auto choice = request.tool_choice.value_or(llm::ToolChoice{}).kind;
  if (choice == kNone) return {};  // a model that is offered no tools calls none
  if (choice != kAuto) return failure(not_said(abilities, "tool_choice"));
  if (!request.parallel_tools.value_or(true)) return failure(not_said(abilities, "parallel_tool_calls"));
  out.key("tools").open_array();
  for (std::size_t i = 0; i < request.tools.size(); ++i) {
    const std::string path = fmt::format("toolConfig.tools[{}]", i);
    const auto* spec = std::get_if<llm::ToolSpec>(&request.tools[i]);
    if (spec == nullptr || spec->strict) return failure(not_said(abilities, path));
    const std::string place = path + ".toolSpec.inputSchema.json";
    CAPROCK_TRY(const auto text, checked_object(spec->input_schema_json, place));
    const auto schema = base::parse_json(text);
    out.open_object().key("name").text(spec->name).key("description").text(spec->description);
    CAPROCK_CHECK(write_parameters(out, schema->get_object(), place, abilities));
    out.close_object();
  }
  out.close_array();
  return {};
}

Result<void> write_cohere_results(base::JsonWriter& out, const CohereTurns& turns) {
  if (turns.results.empty()) return {};
  out.key("tool_results").open_array();
  for (const CohereTurns::Result& one : turns.results) {
    CAPROCK_TRY(const auto input, checked_object(one.call->input_json, "messages.toolUse.input"));
    out.open_object().key("call").open_object().key("name").text(one.call->name);
    out.key("parameters").raw(input).close_object().key("outputs").open_array();
    for (const llm::ToolResultContent& content : one.result->content) {
      const std::string_view name = one.result->is_error ? "error" : "text";
      const auto* text = std::get_if<llm::TextBlock>(&content);
      const auto* value = std::get_if<llm::JsonBlock>(&content);
      if (text == nullptr && value == nullptr)
        return failure(base::invalid_argument("messages.toolResult.content",
                                              "Command R takes text and JSON as results of tools"));
      const auto object =
          value == nullptr ? Result<std::string_view>(std::string_view()) : checked_object(value->json, "");
      if (value != nullptr && object)
        out.raw(*object);
      else
        out.open_object().key(name).text(text != nullptr ? text->text : value->json).close_object();
    }
    out.close_array().close_object();
  }
  out.close_array();
  return {};
}

}  // namespace caprock::providers::bedrock::invoke
