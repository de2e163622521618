#include "providers/openai_compatible/request_codec.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "providers/openai_compatible/message_codec.h"

namespace caprock::providers::openai {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

Result<json::object> parse_object(const std::string& text, std::string field) {
  auto value = base::parse_json(text);
  if (!value || !value->is_object())
    return failure(base::invalid_argument(std::move(field), "must be a JSON object"));
  return std::move(value->get_object());
}

class RequestEncoder {
 public:
  RequestEncoder(const Dialect& dialect, const llm::ChatRequest& request, json::object& out)
      : dialect_(dialect), request_(request), out_(out) {}

  Result<void> encode() {
    CAPROCK_CHECK(refuse_what_is_missing());
    CAPROCK_TRY(out_["messages"], encode_messages(dialect_, request_));
    CAPROCK_CHECK(inference());
    CAPROCK_CHECK(tools());
    CAPROCK_CHECK(response_format());
    CAPROCK_CHECK(reasoning());
    // Anthropic's word for no other tier than the usual one.
    if (!request_.service_tier.empty())
      out_["service_tier"] = request_.service_tier == "standard_only" ? "default" : request_.service_tier;
    if (!request_.verbosity.empty()) out_["verbosity"] = request_.verbosity;
    if (!request_.end_user.empty()) out_["user"] = request_.end_user;
    if (!request_.cache_key.empty()) out_["prompt_cache_key"] = request_.cache_key;
    if (request_.stream) {
      out_["stream"] = true;
      out_["stream_options"] = {{"include_usage", true}};
    }
    return additional_fields();
  }

 private:
  Result<void> refuse_what_is_missing() const {
    const std::pair<bool, const char*> missing[] = {
        {request_.guardrail.has_value(), "guardrailConfig"},
        {!request_.latency.empty(), "performanceConfig"},
        {!request_.prompt_variables.empty(), "promptVariables"},
        {!request_.metadata.empty(), "requestMetadata"},
        {!request_.additional_response_fields.empty(), "additionalModelResponseFieldPaths"},
        {!request_.service_tier.empty() && !dialect_.service_tier, "serviceTier"},
        {!request_.verbosity.empty() && !dialect_.verbosity, "verbosity"},
        {!request_.cache_key.empty() && !dialect_.cache_key, "prompt_cache_key"},
        {request_.inference.top_k && !dialect_.top_k, "top_k"},
        {!request_.inference.logit_bias.empty() && !dialect_.logit_bias, "logit_bias"}};
    for (const auto& [asked, field] : missing)
      if (asked) return failure(not_expressible(dialect_, field));
    return {};
  }

  Result<void> inference() {
    const llm::InferenceSettings& settings = request_.inference;
    if (settings.max_tokens) out_[dialect_.max_tokens] = *settings.max_tokens;
    if (settings.temperature) out_["temperature"] = *settings.temperature;
    if (settings.top_p) out_["top_p"] = *settings.top_p;
    if (settings.top_k) out_["top_k"] = *settings.top_k;
    if (settings.frequency_penalty) out_["frequency_penalty"] = *settings.frequency_penalty;
    if (settings.presence_penalty) out_["presence_penalty"] = *settings.presence_penalty;
    if (settings.seed) out_["seed"] = *settings.seed;
    if (!settings.stop_sequences.empty())
      out_["stop"] = json::array(settings.stop_sequences.begin(), settings.stop_sequences.end());
    if (!settings.logit_bias.empty()) {
      json::object bias;
      for (const auto& [token, value] : settings.logit_bias) bias[token] = value;
      out_["logit_bias"] = std::move(bias);
    }
    return {};
  }

  Result<void> tools() {
    json::array tools;
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      CAPROCK_TRY(auto tool, encode_tool(request_.tools[i], fmt::format("toolConfig.tools[{}]", i)));
      tools.push_back(std::move(tool));
    }
    if (!tools.empty()) out_["tools"] = std::move(tools);
    if (request_.tool_choice) out_["tool_choice"] = encode_choice(*request_.tool_choice);
    if (request_.parallel_tools) out_["parallel_tool_calls"] = *request_.parallel_tools;
    return {};
  }

  Result<json::object> encode_tool(const llm::Tool& tool, const std::string& field) const {
    const auto* spec = std::get_if<llm::ToolSpec>(&tool);
    if (spec == nullptr) {
      const bool point = std::holds_alternative<llm::CachePointBlock>(tool);
      return failure(not_expressible(dialect_, field + (point ? ".cachePoint" : ".systemTool")));
    }
    json::object function{{"name", spec->name}};
    if (!spec->description.empty()) function["description"] = spec->description;
    if (!spec->input_schema_json.empty()) {
      CAPROCK_TRY(function["parameters"],
                  parse_object(spec->input_schema_json, field + ".toolSpec.inputSchema.json"));
    }
    if (spec->strict) function["strict"] = *spec->strict;
    return json::object{{"type", "function"}, {"function", std::move(function)}};
  }

  static json::value encode_choice(const llm::ToolChoice& choice) {
    using enum llm::ToolChoice::Kind;
    switch (choice.kind) {
      case kAuto:
        return "auto";
      case kAny:
        return "required";
      case kNone:
        return "none";
      case kTool:
        return json::object{{"type", "function"}, {"function", {{"name", choice.name}}}};
    }
    return "auto";
  }

  Result<void> response_format() {
    using enum llm::ResponseFormat::Kind;
    if (!request_.response_format) return {};
    const llm::ResponseFormat& format = *request_.response_format;
    if (format.kind != kJsonSchema) {
      out_["response_format"] = {{"type", format.kind == kText ? "text" : "json_object"}};
      return {};
    }
    CAPROCK_TRY(auto schema, parse_object(format.schema_json, "outputConfig.textFormat.structure"));
    json::object named{{"name", format.name.empty() ? "response" : format.name},
                       {"schema", std::move(schema)}};
    if (!format.description.empty()) named["description"] = format.description;
    if (format.strict) named["strict"] = *format.strict;
    out_["response_format"] = {{"type", "json_schema"}, {"json_schema", std::move(named)}};
    return {};
  }

  Result<void> reasoning() {
    if (!request_.reasoning) return {};
    const llm::ReasoningSettings& asked = *request_.reasoning;
    if (dialect_.reasoning == ReasoningStyle::kObject) return reasoning_object(asked);
    if (asked.budget_tokens) return failure(not_expressible(dialect_, "thinking.budget_tokens"));
    if (!asked.summary.empty()) return failure(not_expressible(dialect_, "reasoning.summary"));
    using enum llm::ReasoningSettings::Mode;
    if (asked.mode == kAdaptive) return failure(not_expressible(dialect_, "thinking.type"));
    json::object of_template;
    if (dialect_.reasoning == ReasoningStyle::kEffort) {
      if (asked.mode == kEnabled && asked.effort.empty())
        return failure(not_expressible(dialect_, "thinking.type"));
      if (asked.mode == kDisabled) out_["reasoning_effort"] = "none";
    } else if (asked.mode != kUnset) {
      of_template["enable_thinking"] = asked.mode == kEnabled;
    }
    if (!asked.effort.empty()) {
      const bool by_template = dialect_.reasoning == ReasoningStyle::kTemplate;
      (by_template ? of_template : out_)["reasoning_effort"] = asked.effort;
    }
    if (!of_template.empty()) out_["chat_template_kwargs"] = std::move(of_template);
    return {};
  }

  Result<void> reasoning_object(const llm::ReasoningSettings& asked) {
    using enum llm::ReasoningSettings::Mode;
    json::object object;
    if (asked.mode == kDisabled) object["enabled"] = false;
    if (asked.mode == kEnabled || asked.mode == kAdaptive) object["enabled"] = true;
    if (!asked.effort.empty()) object["effort"] = asked.effort;
    if (asked.budget_tokens) object["max_tokens"] = *asked.budget_tokens;
    if (asked.summary == "omitted")
      object["exclude"] = true;
    else if (!asked.summary.empty() && asked.summary != "auto" && asked.summary != "summarized")
      return failure(not_expressible(dialect_, "reasoning.summary"));
    if (!object.empty()) out_["reasoning"] = std::move(object);
    return {};
  }

  // The model's own parameters stand beside ours; they may add to the request, not change it.
  Result<void> additional_fields() {
    if (request_.additional_fields_json.empty()) return {};
    CAPROCK_TRY(const auto fields,
                parse_object(request_.additional_fields_json, "additionalModelRequestFields"));
    for (const auto& field : fields) {
      if (out_.contains(field.key()) || field.key() == "stream" || field.key() == "n")
        return failure(base::invalid_argument(
            "additionalModelRequestFields." + std::string(field.key()),
            "is set by Caprock from the other fields of the request and cannot be given here"));
      out_[field.key()] = field.value();
    }
    return {};
  }

  const Dialect& dialect_;
  const llm::ChatRequest& request_;
  json::object& out_;
};

}  // namespace

Result<std::string> encode_request(const Dialect& dialect, const std::string& model,
                                   const llm::ChatRequest& request) {
  json::object out{{"model", model}};
  CAPROCK_CHECK(RequestEncoder(dialect, request, out).encode());
  return base::json_text(out);
}

}  // namespace caprock::providers::openai
