#include "base/json/last_member.h"

#include <gtest/gtest.h>

namespace caprock::base {
namespace {

TEST(LastMember, OfTheOuterObject_IsFound) {
  EXPECT_EQ(last_member(R"({"a":1,"usage" : {"x":[1,2]} , "z":"}"} )", "usage"), R"({"x":[1,2]})");
  EXPECT_EQ(last_member(R"({"a":1})", "a"), "1");
  EXPECT_EQ(last_member(R"({"a":"b\"c","d":true})", "a"), R"("b\"c")");
}

TEST(LastMember, OfTwo_TheLastCounts) { EXPECT_EQ(last_member(R"({"a":1,"b":0,"a":2})", "a"), "2"); }

TEST(LastMember, OfAnInnerObjectOrAValue_IsNotTaken) {
  EXPECT_EQ(last_member(R"({"in":{"usage":{"x":1}},"s":"usage"})", "usage"), "");
  EXPECT_EQ(last_member(R"({"s":"\"usage\":{}","t":1})", "usage"), "");
  EXPECT_EQ(last_member(R"({"s":"ends with \\","usage":3})", "usage"), "3");
}

TEST(LastMember, CutAtTheFront_IsFoundWhenItIsThere) {
  EXPECT_EQ(last_member(R"(xt","b":[{"c":1}]},"usage":{"n":5}})", "usage"), R"({"n":5})");
  EXPECT_EQ(last_member(R"(age":{"n":5},"b":1})", "usage"), "");
}

TEST(LastText, IsWithoutItsEscapes) {
  EXPECT_EQ(last_text(R"({"a":"x\u00e9\"y"})", "a"), "x\u00e9\"y");
  EXPECT_EQ(last_text(R"({"a":1})", "a"), "");
  EXPECT_EQ(last_text(R"({"a":"x","b":{}})", "c"), "");
}

TEST(LastMember, OfNoObject_IsNothing) {
  for (const std::string_view text : {"", " ", "[1]", "}", "\"}", ":}", "usage\":1}", "\\\"usage\":1}"})
    EXPECT_EQ(last_member(text, "usage"), "") << text;
}

}  // namespace
}  // namespace caprock::base
