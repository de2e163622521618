#include "net/redirect.h"

#include <gmock/gmock.h>

namespace caprock::net {
namespace {

HttpRequest get(const char* url) { return {.url = parse_url(url).value(), .max_redirects = 3}; }

TEST(RedirectTarget, Location_IsResolvedAgainstTheRequest) {
  const auto next = redirect_target(get("https://a.org/x/y"), 302, {{"Location", "../z"}});
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->text(), "https://a.org/z");
}

TEST(RedirectTarget, NotAskedForOrNotRepeatable_IsLeftToTheCaller) {
  HttpRequest post = get("https://a.org/");
  post.method = "POST";
  EXPECT_EQ(redirect_target(post, 307, {{"Location", "/z"}}), std::nullopt);
  HttpRequest plain = get("https://a.org/");
  plain.max_redirects = 0;
  EXPECT_EQ(redirect_target(plain, 302, {{"Location", "/z"}}), std::nullopt);
  EXPECT_EQ(redirect_target(get("https://a.org/"), 304, {{"Location", "/z"}}), std::nullopt);
}

TEST(RedirectTarget, DowngradeOrNonsense_IsAnError) {
  EXPECT_FALSE(redirect_target(get("https://a.org/"), 302, {{"Location", "http://a.org/"}}));
  EXPECT_FALSE(redirect_target(get("https://a.org/"), 302, {{"Location", "file:///etc/passwd"}}));
  EXPECT_FALSE(redirect_target(get("https://a.org/"), 302, {}));
}

TEST(HarmlessHeaders, Credentials_DoNotTravel) {
  const HttpHeaders kept = harmless_headers(
      {{"Authorization", "Bearer x"}, {"Accept", "*/*"}, {"Cookie", "a"}, {"x-api-key", "k"}});
  EXPECT_THAT(kept, testing::ElementsAre(HttpHeader{"Accept", "*/*"}));
}

TEST(CheckRequest, HeaderThatSplitsTheRequest_IsRefused) {
  HttpRequest request = get("https://a.org/");
  request.headers = {{"x-a", "b\r\nx-evil: 1"}};
  EXPECT_FALSE(check_request(request));
  request.headers = {{"x a", "b"}};
  EXPECT_FALSE(check_request(request));
  request.headers = {{"x-a", "grüß"}};
  EXPECT_TRUE(check_request(request));
  request.method = "GET /";
  EXPECT_FALSE(check_request(request));
}

}  // namespace
}  // namespace caprock::net
