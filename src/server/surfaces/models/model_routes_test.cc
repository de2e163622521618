#include "server/surfaces/models/model_routes.h"

#include <gtest/gtest.h>

#include "server/auth.h"
#include "server/dispatch.h"
#include "server/in_process.h"
#include "server/router.h"
#include "server/test_support.h"

namespace caprock::server {
namespace {

base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> four(const base::RequestContext&) {
  std::vector<llm::ModelInfo> models{{.id = "a"}, {.id = "p/b"}, {.id = "c"}, {.id = "vectors"}};
  models[1].name = "Bee";
  models[1].context_tokens = 200'000;
  models[3].output_kinds = {"embedding"};
  co_return models;
}

class ModelRoutesTest : public ::testing::Test {
 protected:
  LocalResponse get(std::string target, Headers headers = {{"anthropic-version", "2023-06-01"}}) {
    return run(
        door_.call({.method = "GET", .target = std::move(target), .headers = std::move(headers)}, stop_));
  }

  Settings settings_;
  RequestStop stop_;
  Router router_{model_routes(four)};
  Auth auth_{settings_, base::Secret()};
  Dispatcher dispatcher_{router_, auth_, settings_, base::null_metrics()};
  InProcess door_{dispatcher_};
};

TEST_F(ModelRoutesTest, Header_ChoosesTheShape) {
  EXPECT_TRUE(
      get("/v1/models", {}).body.starts_with(R"({"object":"list","data":[{"id":"a","object":"model")"));
  EXPECT_TRUE(get("/v1/models").body.starts_with(R"({"data":[{"type":"model","id":"a")"));
  EXPECT_TRUE(get("/openai/v1/models").body.starts_with(R"({"object":"list")"));
  EXPECT_TRUE(get("/anthropic/v1/models", {}).body.starts_with(R"({"data":[{"type":"model")"));
  EXPECT_EQ(
      get("/v1/models/p%2Fb").body,
      R"({"type":"model","id":"p/b","display_name":"Bee","created_at":"1970-01-01T00:00:00Z","max_input_tokens":200000,"max_tokens":null,"lifecycle":"active"})");
}

TEST_F(ModelRoutesTest, Pages_FollowEachOtherAndHaveNoVectors) {
  const auto tail = [](const std::string& body) { return body.substr(body.find(R"("has_more")")); };
  EXPECT_EQ(tail(get("/v1/models?limit=2").body), R"("has_more":true,"first_id":"a","last_id":"p/b"})");
  EXPECT_EQ(tail(get("/v1/models?limit=2&after_id=p%2Fb").body),
            R"("has_more":false,"first_id":"c","last_id":"c"})");
  EXPECT_EQ(tail(get("/v1/models?after_id=c").body), R"("has_more":false,"first_id":null,"last_id":null})");
  EXPECT_EQ(tail(get("/v1/models?before_id=c&limit=1").body),
            R"("has_more":true,"first_id":"p/b","last_id":"p/b"})");
}

TEST_F(ModelRoutesTest, Errors_AreInTheShapeThatIsSpoken) {
  EXPECT_NE(get("/v1/models?limit=0").body.find(R"("type":"invalid_request_error","message":"'limit')"),
            std::string::npos);
  EXPECT_EQ(get("/v1/models/none").status, 404);
  EXPECT_TRUE(
      get("/v1/models/none").body.starts_with(R"({"type":"error","error":{"type":"not_found_error")"));
  EXPECT_TRUE(get("/v1/models/none", {}).body.starts_with(R"({"error":{"message")"));
}

}  // namespace
}  // namespace caprock::server
