#include "base/all_of.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace caprock::base {
namespace {

namespace asio = boost::asio;

Awaitable<Result<void>> part(int hops, ErrorKind* error, int& ended) {
  for (int i = 0; i < hops; ++i) co_await asio::post(asio::use_awaitable);
  ++ended;
  if (error != nullptr) co_return failure(Error(*error, "failed"));
  co_return Result<void>();
}

TEST(AllOf, Failure_WaitsForTheOthersAndGivesTheFirstError) {
  asio::io_context loop;
  ErrorKind early = ErrorKind::kConflict;
  ErrorKind late = ErrorKind::kOutOfSpace;
  int ended = 0;
  std::vector<Awaitable<Result<void>>> parts;
  parts.push_back(part(5, &late, ended));
  parts.push_back(part(0, &early, ended));
  parts.push_back(part(9, nullptr, ended));
  Result<void> outcome;
  asio::co_spawn(loop, all_of(std::move(parts)), [&](std::exception_ptr thrown, Result<void> result) {
    EXPECT_FALSE(thrown);
    EXPECT_EQ(ended, 3);
    outcome = std::move(result);
  });
  loop.run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kOutOfSpace);
}

TEST(AllOf, Nothing_Succeeds) {
  asio::io_context loop;
  bool succeeded = false;
  asio::co_spawn(loop, all_of({}),
                 [&](std::exception_ptr, Result<void> result) { succeeded = result.has_value(); });
  loop.run();
  EXPECT_TRUE(succeeded);
}

}  // namespace
}  // namespace caprock::base
