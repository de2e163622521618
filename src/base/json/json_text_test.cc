#include "base/json/json_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

namespace caprock::base {
namespace {

namespace json = boost::json;

TEST(JsonText, Doubles_ShortestPlainForm) {
  EXPECT_EQ(json_text(json::array{1.5, 0.1, 2.0, -0.25, 1e22, 12345.678}),
            "[1.5,0.1,2,-0.25,1e+22,12345.678]");
  EXPECT_EQ(json_text(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(JsonText, Integers_KeepAllDigits) {
  EXPECT_EQ(json_text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(json_text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

TEST(JsonText, Strings_EscapedAndRepaired) {
  EXPECT_EQ(json_text("a\"b\\c\n\x01é"), "\"a\\\"b\\\\c\\n\\u0001é\"");
  EXPECT_EQ(json_quoted("bad\xff"), "\"bad\xEF\xBF\xBD\"");
}

TEST(JsonText, Nested_ReadsBackEqual) {
  const json::value value = {{"a", {1, 2, {{"b", nullptr}}}}, {"c", true}};
  EXPECT_EQ(json::parse(json_text(value)), value);
}

TEST(ParseJson, Broken_SaysWhere) {
  const auto parsed = parse_json(R"({"a":1,})");
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find("near byte"), std::string::npos);
  EXPECT_FALSE(parse_json(R"({"a":1} x)"));
  EXPECT_FALSE(parse_json(R"({"a":)"));
  EXPECT_EQ(parse_json(" ").error().message, "The body is empty; a JSON document is expected.");
}

TEST(ParseJson, InvalidUtf8_Refused) { EXPECT_FALSE(parse_json("{\"a\":\"\xff\"}")); }

TEST(ParseJson, DepthAboveLimit_Refused) {
  EXPECT_TRUE(parse_json(std::string(10, '[') + std::string(10, ']'), 10));
  EXPECT_FALSE(parse_json(std::string(11, '[') + std::string(11, ']'), 10));
}

TEST(IsoTime, Milliseconds_UtcWithZ) {
  EXPECT_EQ(iso_time(WallTime(std::chrono::milliseconds(1'772'357'400'123))), "2026-03-01T09:30:00.123Z");
}

}  // namespace
}  // namespace caprock::base
