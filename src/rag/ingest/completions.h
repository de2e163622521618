#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "base/event.h"
#include "stores/types.h"

namespace caprock::rag {

/// Who waits for which document. Thread safe: those who wait sit on many loops, those who finish on one.
class Completions {
 public:
  using Waiter = std::shared_ptr<base::Event>;
  /// Register first, then look at the document's state: a completion in between is not missed.
  Waiter watch(const stores::DocumentId& id, const boost::asio::any_io_executor& executor);
  void unwatch(const stores::DocumentId& id, const Waiter& waiter);
  void completed(const stores::DocumentId& id);

 private:
  std::mutex mutex_;
  std::multimap<stores::DocumentId, Waiter> waiters_;
};

}  // namespace caprock::rag
