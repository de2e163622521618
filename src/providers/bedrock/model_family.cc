#include "providers/bedrock/model_family.h"

#include <algorithm>
#include <array>
#include <utility>

#include "llm/bedrock_id.h"

namespace caprock::providers::bedrock {
namespace {

constexpr std::array<std::pair<std::string_view, Family>, 12> kFamilies{{
    {"anthropic.", Family::kClaude},
    {"amazon.nova", Family::kNova},
    {"amazon.titan", Family::kTitan},
    {"meta.", Family::kLlama},
    {"mistral.", Family::kMistral},
    {"cohere.", Family::kCohere},
    {"ai21.jamba", Family::kJamba},
    {"ai21.j2", Family::kJurassic},
    {"deepseek.", Family::kDeepSeek},
    {"openai.gpt-oss", Family::kGptOss},
    {"openai.", Family::kOther},
    {"qwen.", Family::kOther},
}};

// https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
constexpr auto kProviders = std::to_array<std::string_view>(
    {"ai21.", "amazon.", "anthropic.", "cohere.", "deepseek.", "google.", "luma.", "meta.", "minimax.",
     "mistral.", "moonshot.", "moonshotai.", "nvidia.", "openai.", "qwen.", "stability.", "twelvelabs.",
     "writer.", "zai."});

}  // namespace

bool is_bedrock_id(std::string_view id) {
  if (id.starts_with("arn:aws")) return id.find(":bedrock:") != std::string_view::npos;
  const std::string_view name = base_model(id);
  return std::ranges::any_of(kProviders,
                             [&](std::string_view provider) { return name.starts_with(provider); });
}

std::string_view base_model(std::string_view id) { return llm::split_bedrock_id(id).model; }

Family family_of(std::string_view id) {
  const std::string_view name = base_model(id);
  const auto* found =
      std::ranges::find_if(kFamilies, [&](const auto& f) { return name.starts_with(f.first); });
  return found == kFamilies.end() ? Family::kOther : found->second;
}

}  // namespace caprock::providers::bedrock
