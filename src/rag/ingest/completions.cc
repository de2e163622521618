#include "rag/ingest/completions.h"

namespace caprock::rag {

Completions::Waiter Completions::watch(const stores::DocumentId& id,
                                       const boost::asio::any_io_executor& executor) {
  auto waiter = std::make_shared<base::Event>(executor);
  const std::lock_guard lock(mutex_);
  waiters_.emplace(id, waiter);
  return waiter;
}

void Completions::unwatch(const stores::DocumentId& id, const Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = waiters_.equal_range(id);
  for (auto it = first; it != last; ++it) {
    if (it->second != waiter) continue;
    waiters_.erase(it);
    return;
  }
}

void Completions::completed(const stores::DocumentId& id) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = waiters_.equal_range(id);
  for (auto it = first; it != last; ++it) it->second->signal();
}

}  // namespace caprock::rag
