#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace caprock::providers::openai {

/// How a server wants to be told how much to think.
enum class ReasoningStyle : std::uint8_t {
  kEffort,             ///< reasoning_effort
  kEffortAndTemplate,  ///< the same, and chat_template_kwargs.enable_thinking (vLLM)
  kTemplate,           ///< chat_template_kwargs alone (llama.cpp)
  kObject              ///< reasoning {effort, max_tokens, enabled, exclude} (OpenRouter)
};

/// How the model's earlier thoughts are sent back.
enum class ThoughtStyle : std::uint8_t {
  kNone,    ///< not at all (OpenAI's chat completions)
  kText,    ///< reasoning_content, plain text
  kDetails  ///< reasoning_details, with signatures (OpenRouter)
};

/// In what the servers of one protocol differ. Each row has its source; what a server does not know is
/// refused before it is sent, for most of them ignore what they do not know.
struct Dialect {
  std::string name;          ///< prefix of model ids and name of the settings' section
  std::string title;         ///< for people
  std::string base_url;      ///< where it usually is, with its /v1
  std::string key_variable;  ///< for messages about a missing key; empty: works without
  std::string max_tokens = "max_tokens";
  ReasoningStyle reasoning = ReasoningStyle::kEffort;
  ThoughtStyle thoughts = ThoughtStyle::kText;
  bool top_k = true;
  bool logit_bias = true;
  bool files = false;          ///< PDF as a content part of type "file"
  bool audio = false;          ///< content parts of type "input_audio"
  bool cache_control = false;  ///< cache points on content parts
  bool service_tier = false;
  bool verbosity = false;
  bool cache_key = false;  ///< prompt_cache_key
};

/// OpenAI, OpenRouter, vLLM, llama.cpp's server, Ollama.
const std::vector<Dialect>& dialects();
/// Null when there is no such row.
const Dialect* dialect_named(std::string_view name);

}  // namespace caprock::providers::openai
