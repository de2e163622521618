#include "providers/local/batch_queue.h"

#include <algorithm>
#include <bit>

#include "providers/local/golden.h"

namespace caprock::providers {
namespace {

std::size_t padded_length_of(const BatchQueue::Text& text) {
  return padded_length(text.work->tokens[text.index].size());
}

/// Padding costs as much as text.
bool alike(std::size_t a, std::size_t b) { return 3 * std::min(a, b) >= 2 * std::max(a, b); }

}  // namespace

std::size_t padded_length(std::size_t tokens) {
  const std::size_t step = tokens <= 32 ? 4 : 8;
  return (tokens + step - 1) / step * step;
}

PaddedBatch pad(std::span<const std::vector<std::int32_t>* const> texts, std::size_t length,
                std::int32_t padding) {
  PaddedBatch out;
  out.ids.assign(texts.size() * length, padding);
  out.mask.assign(out.ids.size(), 0);
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const auto begin = static_cast<std::ptrdiff_t>(row * length);
    std::ranges::copy(*texts[row], out.ids.begin() + begin);
    std::fill_n(out.mask.begin() + begin, texts[row]->size(), 1);
  }
  return out;
}

void BatchQueue::push(const std::shared_ptr<EmbedWork>& work) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < work->tokens.size(); ++i)
    if (!work->tokens[i].empty()) order.push_back(i);
  // Longest first: what memory will be needed shows at once, and is then reused.
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const std::size_t left = work->tokens[a].size();
    const std::size_t right = work->tokens[b].size();
    return left != right ? left > right : a < b;
  });
  const std::lock_guard lock(mutex_);
  work->left = order.size();
  for (const std::size_t i : order) waiting_.push_back({work, i});
}

BatchQueue::Batch BatchQueue::next(const EmbedWork& work) {
  const std::lock_guard lock(mutex_);
  Batch batch;
  const auto own = std::ranges::find_if(waiting_, [&](const Text& text) { return text.work.get() == &work; });
  if (own == waiting_.end()) return batch;
  std::vector<std::size_t> taken{static_cast<std::size_t>(own - waiting_.begin())};
  const std::size_t length = padded_length_of(*own);
  batch.length = length;
  for (std::size_t i = 0; i < waiting_.size() && (taken.size() + 1) * batch.length <= limits_.tokens; ++i) {
    const std::size_t other = padded_length_of(waiting_[i]);
    const std::size_t together = std::max(batch.length, other);
    if (i == taken.front() || !alike(length, other) || (taken.size() + 1) * together > limits_.tokens)
      continue;
    batch.length = together;
    taken.push_back(i);
  }
  if (limits_.powers_of_two) taken.resize(std::bit_floor(taken.size()));
  batch.length = 0;
  for (const std::size_t i : taken) {
    batch.length = std::max(batch.length, padded_length_of(waiting_[i]));
    batch.texts.push_back(std::move(waiting_[i]));
  }
  std::erase_if(waiting_, [](const Text& text) { return text.work == nullptr; });
  return batch;
}

void BatchQueue::deliver(const Batch& batch, std::span<float> vectors) {
  const std::size_t dimension = vectors.size() / batch.texts.size();
  for (std::size_t row = 0; row < batch.texts.size(); ++row) {
    const auto vector = vectors.subspan(row * dimension, dimension);
    normalise(vector);
    const Text& text = batch.texts[row];
    std::ranges::copy(vector,
                      text.work->out.values.begin() + static_cast<std::ptrdiff_t>(text.index * dimension));
  }
  const std::lock_guard lock(mutex_);
  for (const Text& text : batch.texts)
    if (text.work->left > 0) --text.work->left;
}

void BatchQueue::fail(const Batch& batch, const base::Error& error) {
  const std::lock_guard lock(mutex_);
  for (const Text& text : batch.texts) {
    text.work->outcome = base::failure(error);
    text.work->left = 0;
    forget(*text.work);
  }
}

bool BatchQueue::done(const EmbedWork& work) const {
  const std::lock_guard lock(mutex_);
  return work.left == 0;
}

void BatchQueue::drop(const EmbedWork& work) {
  const std::lock_guard lock(mutex_);
  forget(work);
}

void BatchQueue::forget(const EmbedWork& work) {
  std::erase_if(waiting_, [&](const Text& text) { return text.work.get() == &work; });
}

}  // namespace caprock::providers
