#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "llm/message.h"

namespace caprock::llm {

/// Only what the caller set is sent. A provider refuses, naming the field, what its wire does not have.
struct InferenceSettings {
  std::optional<std::int64_t> max_tokens = {};
  std::optional<double> temperature = {};
  std::optional<double> top_p = {};
  std::optional<std::int64_t> top_k = {};
  std::vector<std::string> stop_sequences = {};
  std::optional<double> frequency_penalty = {};
  std::optional<double> presence_penalty = {};
  std::optional<std::int64_t> seed = {};
  std::vector<std::pair<std::string, double>> logit_bias = {};  ///< by token id
};

/// A tool that the caller runs.
struct ToolSpec {
  std::string name;
  std::string description;
  std::string input_schema_json;
  std::optional<bool> strict = {};  ///< arguments that keep to the schema are enforced
};
/// A tool that the provider brings: Converse's systemTool, Anthropic's typed tools.
struct SystemTool {
  std::string name;
  std::string type = {};           ///< "web_search_20250305"; empty in Converse
  std::string settings_json = {};  ///< its other members, a JSON object
};
using Tool = std::variant<ToolSpec, SystemTool, CachePointBlock>;

struct ToolChoice {
  enum class Kind : std::uint8_t { kAuto, kAny, kNone, kTool };
  Kind kind = Kind::kAuto;
  std::string name = {};  ///< for kTool
};

struct ResponseFormat {
  enum class Kind : std::uint8_t { kText, kJsonObject, kJsonSchema };
  Kind kind = Kind::kJsonSchema;
  std::string schema_json = {};  ///< for kJsonSchema
  std::string name = {};
  std::string description = {};
  std::optional<bool> strict = {};
  /// False: a wish. The prompt asks for the same, so a provider whose models may refuse it leaves it out.
  bool binding = true;
};

/// How much the model is to think. Absent members are the model's own choice.
struct ReasoningSettings {
  enum class Mode : std::uint8_t { kUnset, kEnabled, kDisabled, kAdaptive };
  Mode mode = Mode::kUnset;
  std::string effort = {};  ///< none, minimal, low, medium, high, xhigh, max
  std::optional<std::int64_t> budget_tokens = {};
  std::string summary = {};  ///< how thoughts are shown: auto, concise, detailed; summarized, omitted
};

struct GuardrailSettings {
  std::string id;
  std::string version;
  std::string trace = {};              ///< enabled, disabled, enabled_full
  std::string stream_processing = {};  ///< sync, async
};

/// One question to a model: everything that Converse, OpenAI's chat completions and responses, and
/// Anthropic's messages can say of it.
struct ChatRequest {
  std::string model;  ///< id, alias or ARN as the caller wrote it; empty for the default
  std::vector<Message> messages = {};
  std::vector<ContentBlock> system = {};  ///< text, guard content, cache points
  InferenceSettings inference = {};
  std::vector<Tool> tools = {};
  std::optional<ToolChoice> tool_choice = {};
  std::optional<bool> parallel_tools = {};  ///< false: at most one tool use a turn
  std::optional<ResponseFormat> response_format = {};
  std::optional<ReasoningSettings> reasoning = {};
  std::optional<GuardrailSettings> guardrail = {};
  std::string service_tier = {};  ///< auto, default, flex, priority, reserved, standard_only
  std::string latency = {};       ///< standard, optimized
  std::string verbosity = {};     ///< low, medium, high
  std::string end_user = {};   ///< an opaque id of who is behind the caller, for the provider's abuse checks
  std::string cache_key = {};  ///< requests that share a prefix
  std::vector<std::pair<std::string, std::string>> metadata = {};          ///< ≤ 16, for the provider's log
  std::vector<std::pair<std::string, std::string>> prompt_variables = {};  ///< of a stored prompt
  std::string additional_fields_json = {};  ///< an object of the model's own parameters
  /// Names under which Anthropic's models are asked for what is not theirs by default. Other models have no
  /// use for them: they are not sent to those.
  std::vector<std::string> betas = {};
  std::vector<std::string> additional_response_fields = {};  ///< JSON pointers into the model's own reply
  bool stream = true;  ///< false: nobody reads before the end, so a provider may make a plain call
};

}  // namespace caprock::llm
