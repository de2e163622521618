#include "base/all_of.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

namespace caprock::base {

namespace asio = boost::asio;

Awaitable<Result<void>> all_of(std::vector<Awaitable<Result<void>>> parts) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer all_done(executor);
  std::vector<Result<void>> outcomes(parts.size());
  std::size_t left = parts.size();
  std::exception_ptr thrown;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    asio::co_spawn(executor, std::move(parts[i]), [&, i](std::exception_ptr failed, Result<void> outcome) {
      if (failed && !thrown) thrown = failed;
      outcomes[i] = std::move(outcome);
      if (--left == 0) all_done.cancel();
    });
  }
  while (left != 0) {
    all_done.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code ignored;
    co_await all_done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (thrown) std::rethrow_exception(thrown);
  for (Result<void>& outcome : outcomes)
    if (!outcome) co_return failure(std::move(outcome).error());
  co_return Result<void>();
}

}  // namespace caprock::base
