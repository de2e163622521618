#include "server/json_body.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace caprock::server {
namespace {

TEST(ParseJson, Values_ComeThrough) {
  const std::string text =
      R"({"a":[1,-2,18446744073709551615,1.5,true,false,null,"é\n\u20ac"],"b":{"c":{}}})";
  const auto value = parse_json_body(text);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(boost::json::serialize(*value),
            "{\"a\":[1,-2,18446744073709551615,1.5E0,true,false,null,\"é\\n€\"],\"b\":{\"c\":{}}}");
  EXPECT_TRUE(parse_json_body(" 7 \r\n\t"));
}

void expect_refused(const std::string& text, const std::string& field, const std::string& part) {
  const auto value = parse_json_body(text);
  ASSERT_FALSE(value) << text;
  EXPECT_EQ(value.error().kind, base::ErrorKind::kInvalidArgument);
  EXPECT_EQ(value.error().field, field) << text;
  EXPECT_NE(value.error().message.find(part), std::string::npos) << value.error().message;
}

TEST(ParseJson, Mistakes_AreLocated) {
  expect_refused("{\"a\": 1,\n \"b\": [1, {\"c\": x}]}", "b[1].c", "at line 2, column 17");
  expect_refused(R"({"a":1} 2)", "", "text after the end of the value at line 1, column 9");
  expect_refused(R"({"a":[1,)", "a[1]", "ends too early");
  expect_refused("", "", "ends too early");
  expect_refused("{'a':1}", "", "syntax");
  expect_refused("[1,]", "[1]", "");
  expect_refused("\"\xff\"", "", "");
  expect_refused("\"\xed\xa0\x80\"", "", "");
}

TEST(ParseJson, NumbersBeyondDouble_AreRefused) {
  expect_refused(R"({"a":5e99021})", "a", "too large");
  EXPECT_TRUE(parse_json_body("1e308"));
}

TEST(ParseJson, RepeatedKeys_AreRefused) {
  expect_refused(R"({"a":1,"b":{"x":1,"y":2,"x":3}})", "b.x", "'x' comes twice");
  expect_refused(R"({"a":1,"\u0061":2})", "a", "'a' comes twice");
  EXPECT_TRUE(parse_json_body(R"([{"a":1},{"a":2}])"));
}

TEST(ParseJson, Limits_Hold) {
  EXPECT_TRUE(parse_json_body(std::string(100, '[') + std::string(100, ']')));
  expect_refused(
      std::string(101, '[') + std::string(101, ']'),
      [] {
        std::string path;
        for (int i = 0; i < 100; ++i) path += "[0]";
        return path;
      }(),
      "more than 100 levels");
  EXPECT_TRUE(parse_json_body("[1,2]", {.depth = 1, .values = 3}));
  EXPECT_FALSE(parse_json_body("[1,2,3]", {.depth = 1, .values = 3}));
}

}  // namespace
}  // namespace caprock::server
