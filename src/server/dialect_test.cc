#include "server/dialect.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

Dialect of(const Route* route, std::string target, Headers headers = {}) {
  Request request;
  request.target = std::move(target);
  request.headers = std::move(headers);
  return dialect_of(route, request);
}

TEST(Dialect, OfNoRoute_IsWhatTheClientShowsThatItSpeaks) {
  EXPECT_EQ(of(nullptr, "/v1/messages/batches"), Dialect::kAnthropic);
  EXPECT_EQ(of(nullptr, "/v1/files", {{"Anthropic-Version", "2023-06-01"}}), Dialect::kAnthropic);
  EXPECT_EQ(of(nullptr, "/v1/files"), Dialect::kOpenAi);
  EXPECT_EQ(of(nullptr, "/openai/x"), Dialect::kOpenAi);
  EXPECT_EQ(of(nullptr, "/model/m/nothing"), Dialect::kBedrock);
  EXPECT_EQ(of(nullptr, "/nothing"), Dialect::kRest);
}

TEST(Dialect, OfARoute_IsTheRoutesUnlessTwoShareIt) {
  Route route{.method = "GET",
              .pattern = "/x",
              .auth = AuthClass::kUser,
              .dialect = Dialect::kBedrock,
              .handler = {}};
  EXPECT_EQ(of(&route, "/x", {{"anthropic-version", "2023-06-01"}}), Dialect::kBedrock);
  route.dialect = Dialect::kOpenAi;
  EXPECT_EQ(of(&route, "/x"), Dialect::kOpenAi);
  EXPECT_EQ(of(&route, "/x", {{"anthropic-version", "2023-06-01"}}), Dialect::kAnthropic);
}

}  // namespace
}  // namespace caprock::server
