#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace caprock::providers {

enum class TokenizerKind : std::uint8_t { kWordPiece, kUnigram };

/// What is known of a model without loading it.
struct ModelSpec {
  std::string_view key;          ///< in settings, and its folder under models/
  std::string_view name;         ///< for people
  std::string_view fingerprint;  ///< of the weights, whatever the variant
  std::size_t dimension;
  std::size_t max_tokens;  ///< marks included
  std::string_view query_prefix;
  std::string_view passage_prefix;
  TokenizerKind tokenizer;
};

/// kInvalidArgument naming the setting when there is no such model.
base::Result<ModelSpec> find_model(std::string_view key);
std::optional<ModelSpec> find_model_of(std::string_view fingerprint);

}  // namespace caprock::providers
