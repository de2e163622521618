#include "server/dispatch.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>
#include <stdexcept>

#include "server/in_process.h"
#include "server/json_body.h"
#include "server/test_support.h"

namespace caprock::server {
namespace {

using Outcome = base::Awaitable<base::Result<void>>;

Outcome hello(Exchange& x) {
  co_return co_await respond(x.response, 200, {{"content-type", "text/plain"}}, "hello");
}
Outcome echo(Exchange& x) {
  CAPROCK_CO_TRY(std::string body, co_await read_all(*x.request.body, 1000));
  co_return co_await respond(x.response, 200, {}, x.param(0) + "=" + body);
}
Outcome fail(Exchange&) {
  co_return base::failure(base::Error(base::ErrorKind::kUnavailable, "busy")
                              .with_retry_after(std::chrono::seconds(3))
                              .with_detail("secret detail"));
}
Outcome explode(Exchange&) { throw std::runtime_error("secret detail"); }
Outcome forget(Exchange&) { co_return base::Result<void>{}; }
Outcome break_off(Exchange& x) {
  CAPROCK_CO_CHECK(co_await x.response.start(200, {}, std::nullopt));
  CAPROCK_CO_CHECK(co_await x.response.write("half"));
  co_return base::failure(base::internal_error("no more"));
}
Outcome who(Exchange& x) {
  co_return co_await respond(x.response, 200, {}, x.context.principal.user + " " + x.context.trace.trace_id);
}

Route route(std::string_view method, std::string_view pattern, AuthClass auth, Handler handler,
            std::uint64_t body_limit = 0) {
  return {method, pattern, auth, Dialect::kRest, std::move(handler), body_limit};
}

class DispatchTest : public ::testing::Test {
 protected:
  LocalResponse call(LocalRequest request) { return run(door_.call(std::move(request), stop_)); }
  static boost::json::object error_of(const LocalResponse& response) {
    return boost::json::parse(response.body).at("error").as_object();
  }

  Settings settings_;
  Router router_{
      {route("GET", "/hello", AuthClass::kPublic, hello),
       route("POST", "/echo/{name}", AuthClass::kUser, echo, 10),
       route("GET", "/fail", AuthClass::kPublic, fail), route("GET", "/explode", AuthClass::kPublic, explode),
       route("GET", "/forget", AuthClass::kPublic, forget),
       route("GET", "/break", AuthClass::kPublic, break_off), route("GET", "/who", AuthClass::kUser, who)}};
  Auth auth_{settings_, {}};
  Dispatcher dispatcher_{router_, auth_, settings_, base::null_metrics()};
  InProcess door_{dispatcher_};
  RequestStop stop_;
};

TEST_F(DispatchTest, Answer_HasIdAndBody) {
  const auto response = call({.target = "/hello?x=1"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "hello");
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.headers.get("x-request-id").size(), 36U);
  EXPECT_EQ(response.headers.get("x-content-type-options"), "nosniff");
}

TEST_F(DispatchTest, CallersIds_AreTakenOverWhenSane) {
  EXPECT_EQ(
      call({.target = "/hello", .headers = {{"X-Request-Id", "abc-1.2:3_4"}}}).headers.get("x-request-id"),
      "abc-1.2:3_4");
  for (const std::string& bad : {std::string("a b"), std::string("a\nb"), std::string(129, 'a')})
    EXPECT_EQ(
        call({.target = "/hello", .headers = {{"x-request-id", bad}}}).headers.get("x-request-id").size(),
        36U);
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  EXPECT_EQ(
      call({.target = "/who", .headers = {{"traceparent", "00-" + trace + "-b7ad6b7169203331-01"}}}).body,
      "local " + trace);
}

TEST_F(DispatchTest, Head_HasTheHeadersOfGet) {
  const auto response = call({.method = "HEAD", .target = "/hello"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("content-length"), "5");
  EXPECT_EQ(response.body, "");
}

TEST_F(DispatchTest, UnknownPathAndMethod_AreTold) {
  EXPECT_EQ(call({.target = "/nothing"}).status, 404);
  const auto wrong = call({.method = "PUT", .target = "/hello"});
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.get("allow"), "GET, HEAD, OPTIONS");
  const auto options = call({.method = "OPTIONS", .target = "/echo/a"});
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.get("allow"), "OPTIONS, POST");
}

TEST_F(DispatchTest, Errors_AreRenderedWithoutTheirDetail) {
  const auto response = call({.target = "/fail"});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.get("retry-after"), "3");
  const auto error = error_of(response);
  EXPECT_EQ(error.at("type"), "unavailable");
  EXPECT_EQ(error.at("message"), "busy");
  EXPECT_EQ(error.at("retry_after"), 3);
  EXPECT_EQ(error.at("request_id").as_string(), std::string(response.headers.get("x-request-id")));
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

TEST_F(DispatchTest, DefectsOfHandlers_AreA500) {
  for (const char* target : {"/explode", "/forget"}) {
    const auto response = call({.target = target});
    EXPECT_EQ(response.status, 500) << target;
    EXPECT_EQ(error_of(response).at("message"), "internal error");
  }
}

TEST_F(DispatchTest, AnswerThatBreaksOff_IsNotComplete) {
  const auto response = call({.target = "/break"});
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.complete);
}

TEST_F(DispatchTest, Body_IsLimitedByRoute) {
  EXPECT_EQ(call({.method = "POST", .target = "/echo/n", .body = "0123456789"}).body, "n=0123456789");
  const auto over = call({.method = "POST", .target = "/echo/n", .body = "0123456789a"});
  EXPECT_EQ(over.status, 413);
  EXPECT_NE(over.body.find("10 bytes"), std::string::npos);
}

TEST_F(DispatchTest, Preflight_OfAListedOrigin_IsAllowed) {
  settings_.allowed_origins = {"https://app.example"};
  Dispatcher dispatcher(router_, auth_, settings_, base::null_metrics());
  InProcess door(dispatcher);
  const auto response = run(door.call({.method = "OPTIONS",
                                       .target = "/echo/n",
                                       .headers = {{"origin", "https://app.example"},
                                                   {"access-control-request-method", "POST"},
                                                   {"access-control-request-headers", "content-type"}}},
                                      stop_));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.get("access-control-allow-origin"), "https://app.example");
  EXPECT_EQ(response.headers.get("access-control-allow-headers"), "content-type");
}

TEST_F(DispatchTest, ForeignOrigin_MayOnlyReadPublicRoutes) {
  const Headers foreign{{"origin", "https://evil.example"}};
  EXPECT_EQ(call({.target = "/hello", .headers = foreign}).status, 200);
  EXPECT_EQ(call({.target = "/who", .headers = foreign}).status, 403);
  EXPECT_EQ(call({.method = "POST", .target = "/echo/n", .headers = foreign}).status, 403);
}

}  // namespace
}  // namespace caprock::server
