#include "server/http2_head.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

base::Result<Request> head(std::initializer_list<Header> fields, const Http2Head::Limits& limits = {}) {
  Http2Head collected;
  for (const auto& [name, value] : fields) EXPECT_TRUE(collected.add(name, value, limits));
  return collected.take();
}

TEST(Http2Head, Fields_MakeARequest) {
  const auto request = head({{":method", "POST"},
                             {":scheme", "https"},
                             {":path", "/a%20b?c=%2f"},
                             {":authority", "h:81"},
                             {"x-y", "z"},
                             {"cookie", "a=1"},
                             {"cookie", "b=2"}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->target, "/a%20b?c=%2f");
  EXPECT_EQ(request->authority, "h:81");
  EXPECT_EQ(request->headers.get("host"), "h:81");  // what signatures cover
  EXPECT_EQ(request->headers.get("cookie"), "a=1; b=2");
  EXPECT_EQ(request->headers.items().size(), 3U);
  EXPECT_EQ(request->protocol, Protocol::kHttp2);
}

TEST(Http2Head, HostAlone_IsTheAuthority) {
  const auto request = head({{":method", "GET"}, {":path", "/"}, {"host", "h"}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->authority, "h");
  EXPECT_EQ(request->headers.items().size(), 1U);
}

TEST(Http2Head, Ambiguity_IsRefused) {
  EXPECT_FALSE(head({{":method", "GET"}, {":path", "/"}, {":authority", "h"}, {"host", "other"}}));
  EXPECT_FALSE(head({{":method", "CONNECT"}, {":authority", "h:443"}}));
  EXPECT_FALSE(head({{":method", "GET"}, {":path", "/a#b"}, {":authority", "h"}}));
  EXPECT_TRUE(head({{":method", "GET"}, {":path", "/"}, {":authority", "H"}, {"host", "h"}}));
}

TEST(Http2Head, Limits_AreNamedAndABombIsTold) {
  const Http2Head::Limits limits{.header = 200, .target = 20, .fields = 4};
  const auto kind = [&](std::initializer_list<Header> fields) { return head(fields, limits).error().kind; };
  EXPECT_EQ(kind({{":path", "/" + std::string(20, 'x')}}), base::ErrorKind::kHeadersTooLarge);
  EXPECT_EQ(kind({{"a", std::string(200, 'x')}}), base::ErrorKind::kHeadersTooLarge);
  EXPECT_EQ(kind({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}}), base::ErrorKind::kHeadersTooLarge);
  Http2Head bomb;
  EXPECT_TRUE(bomb.add("a", std::string(700, 'x'), limits));
  EXPECT_FALSE(bomb.add("a", std::string(100, 'x'), limits));
}

}  // namespace
}  // namespace caprock::server
