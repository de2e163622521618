#include "server/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace caprock::server {
namespace {

Route route(std::string_view method, std::string_view pattern) {
  return {
      .method = method,
      .pattern = pattern,
      .auth = AuthClass::kPublic,
      .dialect = Dialect::kRest,
      .handler = [](Exchange&) -> base::Awaitable<base::Result<void>> { co_return base::Result<void>{}; }};
}

std::string matched(const Router& router, std::string_view method, std::string_view path) {
  const auto match = router.match(method, path);
  if (!match) return "error " + match.error().field;
  if (match->route == nullptr) return match->allow.empty() ? "404" : "405 " + match->allow;
  std::string text(match->route->pattern);
  for (const std::string& param : match->params) text += " " + param;
  return text;
}

TEST(Router, Patterns_TakeTheNarrowest) {
  const Router router({route("GET", "/documents"), route("GET", "/documents/{id}"),
                       route("DELETE", "/documents/{id}"), route("POST", "/documents/upload"),
                       route("GET", "/documents/{id}/text"), route("GET", "/"), route("GET", "/{path+}")});
  EXPECT_EQ(matched(router, "GET", "/documents"), "/documents");
  EXPECT_EQ(matched(router, "GET", "/documents/7"), "/documents/{id} 7");
  EXPECT_EQ(matched(router, "HEAD", "/documents/7"), "/documents/{id} 7");
  EXPECT_EQ(matched(router, "POST", "/documents/upload"), "/documents/upload");
  EXPECT_EQ(matched(router, "GET", "/documents/upload"), "405 OPTIONS, POST");
  EXPECT_EQ(matched(router, "GET", "/documents/a%2Fb/text"), "/documents/{id}/text a/b");
  EXPECT_EQ(matched(router, "GET", "/documents/7/other"), "/{path+} documents/7/other");
  EXPECT_EQ(matched(router, "GET", "/"), "/");
  EXPECT_EQ(matched(router, "GET", "/assets/x.js"), "/{path+} assets/x.js");
}

TEST(Router, WrongMethod_NamesTheRightOnes) {
  const Router router({route("GET", "/a/{id}"), route("DELETE", "/a/{x}"), route("POST", "/b")});
  EXPECT_EQ(matched(router, "PUT", "/a/1"), "405 DELETE, GET, HEAD, OPTIONS");
  EXPECT_EQ(matched(router, "GET", "/b"), "405 OPTIONS, POST");
  EXPECT_EQ(matched(router, "GET", "/c"), "404");
  EXPECT_EQ(matched(router, "GET", "/a/"), "404");
  EXPECT_EQ(matched(router, "GET", "/a/1/"), "404");
  EXPECT_EQ(matched(router, "GET", "//a/1"), "404");
  EXPECT_EQ(matched(router, "GET", ""), "404");
}

TEST(Router, BrokenEscape_NamesTheParameter) {
  const Router router({route("GET", "/a/{id}/{name}")});
  EXPECT_EQ(matched(router, "GET", "/a/1/%ff"), "error name");
  EXPECT_EQ(matched(router, "GET", "/a/%/x"), "error id");
}

void expect_refused(std::vector<Route> routes, const std::string& why) {
  try {
    const Router router(std::move(routes));
    ADD_FAILURE() << "accepted, though " << why;
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find(why), std::string::npos) << e.what();
  }
}

TEST(Router, Conflicts_FailAtStart) {
  expect_refused({route("GET", "/a"), route("GET", "/a")}, "are the same");
  expect_refused({route("GET", "/a/{x}"), route("GET", "/a/{y}")}, "are the same");
  expect_refused({route("GET", "/a/{x}/c"), route("GET", "/a/b/{y}")}, "take a common path");
  expect_refused({route("GET", "/{x}/b"), route("GET", "/a/{rest+}")}, "take a common path");
  const Router fine({route("GET", "/a/{x}"), route("POST", "/a/{y}"), route("GET", "/a/{rest+}")});
  EXPECT_EQ(fine.routes().size(), 3U);
}

TEST(Router, MalformedPatterns_FailAtStart) {
  for (const char* pattern : {"a", "/{", "/{}", "/x{y}", "/{a+}/b", "/{a}/{a}", "/a?b", "/{a-b}"})
    expect_refused({route("GET", pattern)}, "route pattern");
  expect_refused({{.method = "GET",
                   .pattern = "/",
                   .auth = AuthClass::kUser,
                   .dialect = Dialect::kRest,
                   .handler = nullptr}},
                 "no handler");
}

}  // namespace
}  // namespace caprock::server
