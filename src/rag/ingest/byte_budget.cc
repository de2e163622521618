#include "rag/ingest/byte_budget.h"

#include <algorithm>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include "base/event.h"

namespace caprock::rag {

struct ByteBudget::Waiter {
  Waiter(std::uint64_t wanted, const boost::asio::any_io_executor& executor)
      : bytes(wanted), granted(executor) {}
  std::uint64_t bytes;
  base::Event granted;
};

base::Awaitable<ByteBudget::Share> ByteBudget::take(std::uint64_t bytes) {
  const std::uint64_t wanted = std::min(bytes, total_);
  if (waiting_.empty() && wanted <= free_) {
    free_ -= wanted;
    co_return Share(*this, wanted);
  }
  Waiter waiter(wanted, co_await boost::asio::this_coro::executor);
  waiting_.push_back(&waiter);
  while (!co_await waiter.granted.wait(std::chrono::hours(1))) {
  }
  co_return Share(*this, wanted);
}

void ByteBudget::give_back(std::uint64_t bytes) {
  free_ += bytes;
  grant();
}

void ByteBudget::grant() {
  while (!waiting_.empty() && waiting_.front()->bytes <= free_) {
    free_ -= waiting_.front()->bytes;
    waiting_.front()->granted.signal();
    waiting_.pop_front();
  }
}

}  // namespace caprock::rag
