#include "server/uri.h"

#include <gtest/gtest.h>

#include "server/exchange.h"

namespace caprock::server {
namespace {

TEST(PercentDecode, WellFormed_Decodes) {
  EXPECT_EQ(percent_decode("a%20b%C3%A9%2f"), "a b\xC3\xA9/");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
}

TEST(PercentDecode, Broken_IsRefused) {
  for (const char* text : {"%", "%4", "%zz", "%00", "%ff", "%c3"}) EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(ParseAuthority, Forms_AreTakenApart) {
  EXPECT_EQ(parse_authority("Example.COM:80"), (Authority{"example.com", "80"}));
  EXPECT_EQ(parse_authority("example.com."), (Authority{"example.com", ""}));
  EXPECT_EQ(parse_authority("[::1]:8080"), (Authority{"::1", "8080"}));
  for (const char* text : {"", ":80", "a b", "[::1", "[x]:1", "a:b", "user@host", "a:123456", "a/b"})
    EXPECT_FALSE(parse_authority(text)) << text;
}

TEST(ParseOrigin, ImpliedPort_IsDropped) {
  EXPECT_EQ(parse_origin("https://a.example:443")->authority, (Authority{"a.example", ""}));
  EXPECT_EQ(parse_origin("http://a.example:443")->authority, (Authority{"a.example", "443"}));
  EXPECT_FALSE(parse_origin("null"));
}

TEST(Request, QueryValue_IsDecoded) {
  Request request;
  request.target = "/a?x=1%202&y&x=3&bad=%zz";
  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query_value("x"), "1 2");
  EXPECT_EQ(request.query_value("y"), "");
  EXPECT_EQ(request.query_value("bad"), "%zz");
  EXPECT_FALSE(request.query_value("z"));
}

TEST(Headers, Names_CompareWithoutCase) {
  Headers headers{{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
  EXPECT_EQ(headers.get("content-type"), "a");
  headers.set("X", "3");
  EXPECT_EQ(headers.items().size(), 2U);
  EXPECT_EQ(headers.get("x"), "3");
}

}  // namespace
}  // namespace caprock::server
