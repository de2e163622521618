#include "server/anthropic_error.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

using enum base::ErrorKind;

RenderedError told(base::Error error) {
  return render_error(Dialect::kAnthropic, error, base::RequestId("r-1"));
}

TEST(AnthropicError, Kinds_HaveTheStatusThatSdksRetryBy) {
  EXPECT_EQ(told({kInvalidArgument, "x"}).status, 400);
  EXPECT_EQ(told({kUnauthenticated, "x"}).status, 401);
  EXPECT_EQ(told({kPayloadTooLarge, "x"}).status, 413);
  EXPECT_EQ(told({kUnavailable, "x"}).status, 529);
  EXPECT_EQ(told({kInvalidArgument, "x"}).headers.get("x-should-retry"), "false");
  const auto slow = told(base::Error(kRateLimited, "slow down").with_retry_after(std::chrono::seconds(7)));
  EXPECT_EQ(slow.status, 429);
  EXPECT_EQ(slow.headers.get("retry-after"), "7");
  EXPECT_FALSE(slow.headers.has("x-should-retry"));
  EXPECT_EQ(told(base::Error(kUpstream, "x").with_cause(base::ErrorCause::kServiceFault)).status, 500);
  const auto used_up = told(base::Error(kRateLimited, "x").with_cause(base::ErrorCause::kQuotaExceeded));
  EXPECT_EQ(used_up.headers.get("x-should-retry"), "false");
  EXPECT_EQ(
      slow.body,
      R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"},"request_id":"r-1"})");
}

TEST(AnthropicError, Message_NamesTheField) {
  EXPECT_EQ(
      told(base::invalid_argument("tools.0.name", "is too long")).body,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"tools.0.name: is too long"},"request_id":"r-1"})");
  EXPECT_EQ(
      told(base::invalid_argument("model", "'model' must be given")).body,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"'model' must be given"},"request_id":"r-1"})");
}

TEST(AnthropicError, OnlyAnOverflow_LooksLikeOne) {
  const auto body = [](base::ErrorKind kind, std::string field) {
    return told(base::Error(kind, "Too many tokens, please wait").with_field(std::move(field))).body;
  };
  EXPECT_NE(body(kUnprocessable, "messages").find(R"("message":"prompt is too long: Too)"),
            std::string::npos);
  EXPECT_EQ(body(kRateLimited, "").find("prompt is too long"), std::string::npos);
  EXPECT_EQ(body(kUnprocessable, "").find("prompt is too long"), std::string::npos);
}

}  // namespace
}  // namespace caprock::server
