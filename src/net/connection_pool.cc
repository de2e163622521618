#include "net/connection_pool.h"

#include <algorithm>
#include <iterator>

namespace caprock::net {
namespace {

// As many again as run side by side come back in a moment: closing those beyond the limit at once would open
// a new connection for every third request of a busy loop.
constexpr std::chrono::seconds kSurplusTime{5};
constexpr std::size_t kMostSurplus = 1024;

}  // namespace

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
  if (per_host_ == 0 || shelf.size() >= per_host_ + kMostSurplus)
    unwanted.push_back({std::move(connection), {}});
  else
    shelf.push_back({std::move(connection), clock_.mono()});
}

std::vector<ConnectionPool::Idle> ConnectionPool::expire(const void* loop) {
  std::vector<Idle> out;
  const base::MonoTime now = clock_.mono();
  const base::MonoTime limit = now - idle_time_;
  const base::MonoTime surplus_limit = now - std::min<std::chrono::nanoseconds>(idle_time_, kSurplusTime);
  for (auto entry = shelves_.begin(); entry != shelves_.end();) {
    Shelf& shelf = entry->second;
    if (entry->first.loop == loop) {
      auto fresh = shelf.begin();
      for (std::size_t left = shelf.size(); fresh != shelf.end(); ++fresh, --left)
        if (fresh->since > (left > per_host_ ? surplus_limit : limit)) break;
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
