#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "net/address_policy.h"
#include "net/connection.h"

namespace caprock::net {

/// Connections that wait for their next request. A connection only ever returns to the loop that opened it,
/// and one that the policy let through for an operator is never lent to a user. Thread safe.
class ConnectionPool {
 public:
  struct Key {
    const void* loop;
    Trust trust;
    std::string origin;
    auto operator<=>(const Key&) const = default;
  };
  ConnectionPool(std::size_t per_host, std::chrono::milliseconds idle_time, const base::Clock& clock)
      : per_host_(per_host), idle_time_(idle_time), clock_(clock) {}

  /// The one used last that is still healthy, or null.
  std::unique_ptr<Connection> take(const Key& key);
  /// What is more than `per_host` is closed when nobody has wanted it for a few seconds.
  void give(const Key& key, std::unique_ptr<Connection> connection);
  std::size_t size() const;
  void clear();

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    base::MonoTime since;
  };
  using Shelf = std::vector<Idle>;  ///< oldest first
  /// Takes out what has waited too long on this loop: a socket is closed on its own loop only.
  std::vector<Idle> expire(const void* loop);

  const std::size_t per_host_;
  const std::chrono::milliseconds idle_time_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<Key, Shelf> shelves_;
};

}  // namespace caprock::net
