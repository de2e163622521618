#include "providers/openai_compatible/dialect.h"

#include <algorithm>

namespace caprock::providers::openai {
namespace {

// https://platform.openai.com/docs/api-reference/chat/create: max_tokens is refused by reasoning models.
Dialect openai() {
  return {.name = "openai",
          .title = "OpenAI",
          .base_url = "https://api.openai.com/v1",
          .key_variable = "OPENAI_API_KEY",
          .max_tokens = "max_completion_tokens",
          .reasoning = ReasoningStyle::kEffort,
          .thoughts = ThoughtStyle::kNone,
          .top_k = false,
          .files = true,
          .audio = true,
          .service_tier = true,
          .verbosity = true,
          .cache_key = true};
}

// https://openrouter.ai/docs/api-reference/parameters, …/use-cases/reasoning-tokens,
// …/features/prompt-caching
Dialect openrouter() {
  return {.name = "openrouter",
          .title = "OpenRouter",
          .base_url = "https://openrouter.ai/api/v1",
          .key_variable = "OPENROUTER_API_KEY",
          .reasoning = ReasoningStyle::kObject,
          .thoughts = ThoughtStyle::kDetails,
          .files = true,
          .audio = true,
          .cache_control = true,
          .verbosity = true};
}

// https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
Dialect vllm() {
  return {.name = "vllm",
          .title = "vLLM",
          .base_url = "http://127.0.0.1:8000/v1",
          .key_variable = {},
          .reasoning = ReasoningStyle::kEffortAndTemplate,
          .audio = true};
}

// https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
Dialect llamacpp() {
  return {.name = "llamacpp",
          .title = "llama.cpp",
          .base_url = "http://127.0.0.1:8080/v1",
          .key_variable = {},
          .reasoning = ReasoningStyle::kTemplate};
}

// https://docs.ollama.com/api/openai-compatibility: no top_k, logit_bias, tool_choice by name.
Dialect ollama() {
  return {.name = "ollama",
          .title = "Ollama",
          .base_url = "http://127.0.0.1:11434/v1",
          .key_variable = {},
          .reasoning = ReasoningStyle::kEffort,
          .top_k = false,
          .logit_bias = false};
}

}  // namespace

const std::vector<Dialect>& dialects() {
  static const std::vector<Dialect> kAll{openai(), openrouter(), vllm(), llamacpp(), ollama()};
  return kAll;
}

const Dialect* dialect_named(std::string_view name) {
  const auto found = std::ranges::find(dialects(), name, &Dialect::name);
  return found == dialects().end() ? nullptr : &*found;
}

}  // namespace caprock::providers::openai
