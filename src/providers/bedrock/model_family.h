#pragma once

#include <cstdint>
#include <string_view>

namespace caprock::providers::bedrock {

/// Whose parameters a model has, where Converse leaves them to the model.
enum class Family : std::uint8_t {
  kClaude,
  kNova,
  kTitan,
  kLlama,
  kMistral,
  kCohere,
  kJamba,
  kJurassic,
  kDeepSeek,
  kGptOss,
  kOther
};

/// "anthropic.claude-…" of "us.anthropic.claude-…" or of an ARN of a foundation model or a system's profile.
/// Application profiles, provisioned and imported models have opaque names, which are given back as they are.
std::string_view base_model(std::string_view id);

/// Whether an id is one of Bedrock's by its looks: an ARN, or the name of a provider there and a dot.
bool is_bedrock_id(std::string_view id);

/// By the provider's part of the id; kOther for what is opaque.
Family family_of(std::string_view id);

}  // namespace caprock::providers::bedrock
