#include "providers/local/batch_plan.h"

#include <algorithm>

namespace caprock::providers {

std::size_t padded_length(std::size_t tokens) {
  const std::size_t step = tokens <= 32 ? 4 : 8;
  return (tokens + step - 1) / step * step;
}

std::vector<Batch> plan_batches(std::span<const std::size_t> lengths, std::size_t max_tokens) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < lengths.size(); ++i)
    if (lengths[i] > 0) order.push_back(i);
  // Longest first: what memory will be needed shows at once, and is then reused.
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
  });
  std::vector<Batch> batches;
  for (const std::size_t i : order) {
    const bool full =
        batches.empty() || (batches.back().texts.size() + 1) * batches.back().length > max_tokens;
    if (full) batches.push_back({.texts = {}, .length = padded_length(lengths[i])});
    batches.back().texts.push_back(i);
  }
  return batches;
}

PaddedBatch pad(const Batch& batch, std::span<const std::vector<std::int32_t>> tokens, std::int32_t padding) {
  PaddedBatch out;
  out.ids.assign(batch.texts.size() * batch.length, padding);
  out.mask.assign(out.ids.size(), 0);
  for (std::size_t row = 0; row < batch.texts.size(); ++row) {
    const auto& text = tokens[batch.texts[row]];
    const auto begin = static_cast<std::ptrdiff_t>(row * batch.length);
    std::ranges::copy(text, out.ids.begin() + begin);
    std::fill_n(out.mask.begin() + begin, text.size(), 1);
  }
  return out;
}

}  // namespace caprock::providers
