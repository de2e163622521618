#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "stores/sqlite/connection.h"

namespace caprock::stores {

/// Connections that read, lent to one thread each. Thread safe.
class ReaderPool {
 public:
  explicit ReaderPool(std::vector<std::unique_ptr<Connection>> connections) : idle_(std::move(connections)) {}

  /// Waits for a connection, then runs `work` on it in one snapshot.
  template <class Work>
  base::Result<void> run(Work& work) {
    Loan loan(*this);
    CAPROCK_CHECK(loan.connection->execute("BEGIN"));
    base::Result<void> outcome;
    try {
      outcome = work(*loan.connection);
    } catch (const std::exception& e) {
      outcome = base::failure(base::internal_error(std::string("exception in a read: ") + e.what()));
    }
    if (loan.connection->in_transaction()) CAPROCK_CHECK(loan.connection->execute("COMMIT"));
    return outcome;
  }

 private:
  struct Loan {
    explicit Loan(ReaderPool& owner) : pool(owner), connection(owner.take()) {}
    ~Loan() { pool.give_back(std::move(connection)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ReaderPool& pool;
    std::unique_ptr<Connection> connection;
  };
  std::unique_ptr<Connection> take() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return !idle_.empty(); });
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  void give_back(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace caprock::stores
