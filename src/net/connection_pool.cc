#include "net/connection_pool.h"

#include <algorithm>
#include <iterator>

namespace caprock::net {

std::unique_ptr<Connection> ConnectionPool::take(const Key& key) {
  std::vector<Idle> unwanted;  // closed after the lock is given back
  const std::lock_guard lock(mutex_);
  unwanted = expire(key.loop);
  const auto found = shelves_.find(key);
  if (found == shelves_.end()) return nullptr;
  Shelf& shelf = found->second;
  while (!shelf.empty()) {
    Idle last = std::move(shelf.back());
    shelf.pop_back();
    if (last.connection->healthy()) return std::move(last.connection);
    unwanted.push_back(std::move(last));
  }
  return nullptr;
}

void ConnectionPool::give(const Key& key, std::unique_ptr<Connection> connection) {
  std::vector<Idle> unwanted;
  const std::lock_guard lock(mutex_);
  unwanted = expire(key.loop);
  Shelf& shelf = shelves_[key];
  if (shelf.size() >= per_host_)
    unwanted.push_back({std::move(connection), {}});
  else
    shelf.push_back({std::move(connection), clock_.mono()});
}

std::vector<ConnectionPool::Idle> ConnectionPool::expire(const void* loop) {
  std::vector<Idle> out;
  const base::MonoTime limit = clock_.mono() - idle_time_;
  for (auto entry = shelves_.begin(); entry != shelves_.end();) {
    Shelf& shelf = entry->second;
    if (entry->first.loop == loop) {
      const auto fresh = std::ranges::find_if(shelf, [&](const Idle& idle) { return idle.since > limit; });
      out.insert(out.end(), std::make_move_iterator(shelf.begin()), std::make_move_iterator(fresh));
      shelf.erase(shelf.begin(), fresh);
    }
    entry = shelf.empty() ? shelves_.erase(entry) : std::next(entry);
  }
  return out;
}

std::size_t ConnectionPool::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [key, shelf] : shelves_) count += shelf.size();
  return count;
}

void ConnectionPool::clear() {
  const std::lock_guard lock(mutex_);
  shelves_.clear();
}

}  // namespace caprock::net
