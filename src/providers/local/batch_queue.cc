#include "providers/local/batch_queue.h"

#include <algorithm>
#include <bit>

#include "providers/local/engine_library.h"
#include "providers/local/golden.h"

namespace caprock::providers {
namespace {

std::size_t length_of(const BatchQueue::Text& text, const BatchQueue::Limits& limits) {
  const std::size_t tokens = text.work->tokens[text.index].size();
  return limits.padded ? padded_length(tokens) : tokens;
}

/// Padding costs as much as text.
bool alike(std::size_t a, std::size_t b) { return 3 * std::min(a, b) >= 2 * std::max(a, b); }

}  // namespace

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

BatchQueue::Batch BatchQueue::next(const EmbedWork& work, const Limits& limits) {
  const std::lock_guard lock(mutex_);
  const auto own = std::ranges::find_if(waiting_, [&](const Text& text) { return text.work.get() == &work; });
  if (own == waiting_.end()) return {};
  std::vector<std::size_t> taken{static_cast<std::size_t>(own - waiting_.begin())};
  const std::size_t length = length_of(*own, limits);
  std::size_t longest = length;
  std::size_t tokens = length;
  for (std::size_t i = 0; i < waiting_.size() && tokens < limits.tokens; ++i) {
    const std::size_t other = length_of(waiting_[i], limits);
    const std::size_t together =
        limits.padded ? (taken.size() + 1) * std::max(longest, other) : tokens + other;
    if (i == taken.front() || (limits.padded && !alike(length, other)) || together > limits.tokens) continue;
    longest = std::max(longest, other);
    tokens = together;
    taken.push_back(i);
  }
  if (limits.powers_of_two) taken.resize(std::bit_floor(taken.size()));
  Batch batch;
  for (const std::size_t i : taken) batch.push_back(std::move(waiting_[i]));
  std::erase_if(waiting_, [](const Text& text) { return text.work == nullptr; });
  return batch;
}

void BatchQueue::deliver(const Batch& batch, std::span<float> vectors) {
  const std::size_t dimension = vectors.size() / batch.size();
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const auto vector = vectors.subspan(row * dimension, dimension);
    normalise(vector);
    const Text& text = batch[row];
    std::ranges::copy(vector,
                      text.work->out.values.begin() + static_cast<std::ptrdiff_t>(text.index * dimension));
  }
  const std::lock_guard lock(mutex_);
  for (const Text& text : batch)
    if (text.work->left > 0) --text.work->left;
  delivered_.notify_all();
}

void BatchQueue::fail(const Batch& batch, const base::Error& error) {
  const std::lock_guard lock(mutex_);
  for (const Text& text : batch) {
    text.work->outcome = base::failure(error);
    text.work->left = 0;
    forget(*text.work);
  }
  delivered_.notify_all();
}

bool BatchQueue::wait(const EmbedWork& work) {
  std::unique_lock lock(mutex_);
  delivered_.wait(lock, [&] { return work.left == 0 || waits(work); });
  return work.left == 0;
}

void BatchQueue::drop(const EmbedWork& work) {
  const std::lock_guard lock(mutex_);
  forget(work);
}

bool BatchQueue::waits(const EmbedWork& work) const {
  return std::ranges::any_of(waiting_, [&](const Text& text) { return text.work.get() == &work; });
}

void BatchQueue::forget(const EmbedWork& work) {
  std::erase_if(waiting_, [&](const Text& text) { return text.work.get() == &work; });
}

}  // namespace caprock::providers
