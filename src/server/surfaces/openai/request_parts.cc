#include "server/surfaces/openai/request_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/json/json_text.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;

base::Error not_supported(std::string field) {
  std::string message = fmt::format("'{}' is not supported here.", field);
  return invalid_argument(std::move(field), std::move(message));
}

std::vector<std::string> unknown_members(const json::object& body, std::span<const std::string_view> known) {
  std::vector<std::string> unknown;
  for (const auto& member : body)
    if (std::ranges::find(known, std::string_view(member.key())) == known.end())
      unknown.emplace_back(member.key());
  return unknown;
}

Result<llm::ToolSpec> read_function(const base::Members& function) {
  llm::ToolSpec spec;
  CAPROCK_TRY(spec.name, function.required_text("name"));
  if (spec.name.size() > 64)
    return failure(invalid_argument(function.path("name"),
                                    fmt::format("'{}' has more than 64 characters.", function.path("name"))));
  CAPROCK_TRY(spec.description, function.text("description"));
  CAPROCK_TRY(const json::object* parameters, function.object("parameters"));
  spec.input_schema_json = base::json_text(
      parameters == nullptr ? json::object{{"type", "object"}, {"properties", json::object()}} : *parameters);
  CAPROCK_TRY(spec.strict, function.flag("strict"));
  return spec;
}

Result<llm::ToolChoice> read_choice_word(std::string_view word) {
  using enum llm::ToolChoice::Kind;
  if (word == "auto") return llm::ToolChoice{.kind = kAuto};
  if (word == "none") return llm::ToolChoice{.kind = kNone};
  if (word == "required") return llm::ToolChoice{.kind = kAny};
  return failure(
      invalid_argument("tool_choice", "'tool_choice' must be auto, none, required or a function."));
}

Result<llm::ResponseFormat> read_json_schema(const base::Members& schema) {
  llm::ResponseFormat format{.kind = llm::ResponseFormat::Kind::kJsonSchema};
  CAPROCK_TRY(format.name, schema.required_text("name"));
  CAPROCK_TRY(format.description, schema.text("description"));
  CAPROCK_TRY(format.strict, schema.flag("strict"));
  CAPROCK_TRY(const json::object* of, schema.object("schema"));
  format.schema_json = of == nullptr ? "{}" : base::json_text(*of);
  return format;
}

Result<llm::ReasoningSettings> read_reasoning(const base::Members& reasoning) {
  using enum llm::ReasoningSettings::Mode;
  llm::ReasoningSettings asked;
  CAPROCK_TRY(asked.effort, reasoning.text("effort"));
  CAPROCK_TRY(asked.budget_tokens, reasoning.integer("max_tokens"));
  CAPROCK_TRY(const auto enabled, reasoning.flag("enabled"));
  if (enabled) asked.mode = *enabled ? kEnabled : kDisabled;
  if (asked.budget_tokens) asked.mode = kEnabled;
  CAPROCK_TRY(const auto exclude, reasoning.flag("exclude"));
  if (exclude.value_or(false)) asked.summary = "omitted";
  return asked;
}

Result<void> read_caller(const base::Members& body, llm::ChatRequest& request) {
  CAPROCK_TRY(request.service_tier, body.text("service_tier"));
  CAPROCK_TRY(request.cache_key, body.text("prompt_cache_key"));
  CAPROCK_TRY(request.end_user, body.text("safety_identifier"));
  if (request.end_user.empty()) {
    CAPROCK_TRY(request.end_user, body.text("user"));
  }
  if (request.service_tier == "auto" || request.service_tier == "default") request.service_tier.clear();
  return {};
}

}  // namespace caprock::server::openai
