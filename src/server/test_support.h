#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/awaitable.h"

namespace caprock::server {

/// Runs a coroutine to its end on a loop of its own. For tests.
template <class T>
T run(base::Awaitable<T> work) {
  boost::asio::io_context loop(1);
  std::optional<T> result;
  std::exception_ptr failed;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr e, T value) {
    failed = e;
    if (!e) result.emplace(std::move(value));
  });
  loop.run();
  if (failed) std::rethrow_exception(failed);
  return std::move(result.value());
}

}  // namespace caprock::server
