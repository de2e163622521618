#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace caprock::providers {

/// Texts that go through the model together, padded to one length.
struct Batch {
  std::vector<std::size_t> texts;  ///< indices into what was planned
  std::size_t length = 0;          ///< tokens a text, padding included
};

/// The length that a text of `tokens` is padded to: few different ones, for the engine prepares itself for
/// each shape it has not seen.
std::size_t padded_length(std::size_t tokens);

/// Sorts texts by length and cuts them into batches of at most `max_tokens` tokens, padding included (a
/// single text may be longer), for memory grows with it. Texts with `lengths` 0 are in no batch.
std::vector<Batch> plan_batches(std::span<const std::size_t> lengths, std::size_t max_tokens);

/// [texts, length] row-major, as the engine takes them.
struct PaddedBatch {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> mask;  ///< 1 = token, 0 = padding
};
PaddedBatch pad(const Batch& batch, std::span<const std::vector<std::int32_t>> tokens, std::int32_t padding);

}  // namespace caprock::providers
