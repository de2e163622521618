#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "llm/message.h"

namespace caprock::llm {

/// Some models embed questions and passages differently (e5 wants the prefixes "query: " and "passage: ").
/// kSentence: embedded as a passage is, but somebody waits for the answer, as with kQuery.
enum class EmbedPurpose : std::uint8_t { kQuery, kPassage, kSentence };

struct EmbedderInfo {
  std::string
      fingerprint;   ///< equal for variants of one model (f16, int8), different where vectors do not compare
  std::string name;  ///< for people
  std::size_t dimension = 0;
  std::size_t max_tokens = 0;  ///< what comes after is not seen by the model
  std::size_t batch = 32;      ///< texts in one call that suit it best
};

/// Row-major count × dimension, every row of unit length (or all zero for a text without tokens).
struct Embeddings {
  std::size_t dimension = 0;
  std::vector<float> values;
  Usage usage;
  std::size_t count() const { return dimension == 0 ? 0 : values.size() / dimension; }
  std::span<const float> row(std::size_t i) const { return {values.data() + i * dimension, dimension}; }
};

/// Turns texts into vectors. Thread safe; queries and sentences go before passages where both wait. Errors:
/// kUnavailable with the reason when the model is not installed or failed its self-check; kInvalidArgument
/// for a text that is not UTF-8.
class Embedder {
 public:
  virtual ~Embedder() = default;
  /// Known without loading the model.
  virtual EmbedderInfo info() const = 0;
  virtual base::Awaitable<base::Result<Embeddings>> embed(const base::RequestContext& context,
                                                          std::vector<std::string> texts,
                                                          EmbedPurpose purpose) = 0;
};

}  // namespace caprock::llm
