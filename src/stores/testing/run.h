#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "base/awaitable.h"

namespace caprock::stores::testing {

/// Runs a coroutine on a loop of its own until it has ended.
template <class T>
T run(base::Awaitable<T> task) {
  boost::asio::io_context loop;
  std::optional<T> answer;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failed, T value) {
    if (failed) std::rethrow_exception(failed);
    answer.emplace(std::move(value));
  });
  loop.run();
  return std::move(*answer);
}

}  // namespace caprock::stores::testing
