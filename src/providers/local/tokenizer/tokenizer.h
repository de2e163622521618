#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace caprock::providers {

/// Text to the ids that a model was trained on. Immutable once made, so any thread may use it.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// At most `max_tokens` ids (≥ 2), the model's begin and end marks included; what does not fit is left out.
  /// A text without tokens gives the two marks only. Any bytes are taken: malformed UTF-8 counts as U+FFFD.
  /// Time and memory grow with what is used of the text. Marks such as "[SEP]" inside the text are text.
  virtual std::vector<std::int32_t> encode(std::string_view text, std::size_t max_tokens) const = 0;
  /// What fills a batch up to its longest text.
  virtual std::int32_t padding() const = 0;
};

/// The begin and end marks of every encoded text.
inline constexpr std::size_t kMarks = 2;

}  // namespace caprock::providers
