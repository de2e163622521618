#include "rag/answer/json_field_stream.h"

#include <gtest/gtest.h>

#include <map>

namespace caprock::rag {
namespace {

struct Read {
  std::map<std::string, std::string> fields;
  bool complete = false;
  bool failed = false;
};

Read read(std::string_view text, std::size_t step) {
  JsonFieldStream stream(1000);
  Read out;
  for (std::size_t at = 0; at < text.size(); at += step) {
    for (const auto& piece : stream.push(text.substr(at, step))) out.fields[piece.field] += piece.text;
  }
  out.complete = stream.complete();
  out.failed = stream.failed();
  return out;
}

TEST(JsonFieldStream, AnyCutOfTheBytes_GivesTheSameFields) {
  const std::string text =
      "Sure!\n```json\n{ \"explanation\": \"a \\\"b\\\"\\n\\u00e9 \\ud83d\\ude00 – é😀\", \"refs\" : [1, "
      "{\"q\":\"]}\\\"\"}], "
      "\"n\": 12.5 , \"empty\":\"\", \"ok\":true}\n```";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const Read got = read(text, step);
    EXPECT_TRUE(got.complete) << step;
    EXPECT_EQ(got.fields.at("explanation"), "a \"b\"\né 😀 – é😀") << step;
    EXPECT_EQ(got.fields.at("refs"), "[1, {\"q\":\"]}\\\"\"}]");
    EXPECT_EQ(got.fields.at("n"), "12.5");
    EXPECT_EQ(got.fields.at("empty"), "");
    EXPECT_EQ(got.fields.at("ok"), "true");
  }
}

TEST(JsonFieldStream, Text_ComesBeforeItIsComplete) {
  JsonFieldStream stream;
  const auto first = stream.push("{\"answer\": \"It was");
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].text, "It was");
  EXPECT_FALSE(first[0].done);
  const auto second = stream.push(" ice\"");
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].text, " ice");
  EXPECT_TRUE(second[0].done);
  EXPECT_FALSE(stream.complete());
}

TEST(JsonFieldStream, HalfCodePoint_WaitsForItsOtherHalf) {
  JsonFieldStream stream;
  EXPECT_TRUE(stream.push("{\"a\":\"\xC3").empty());
  EXPECT_EQ(stream.push("\xA9")[0].text, "é");
}

TEST(JsonFieldStream, LoneSurrogate_BecomesTheReplacementCharacter) {
  EXPECT_EQ(read(R"({"a":"x\ud83dy\udc00"})", 1).fields.at("a"), "x\uFFFDy\uFFFD");
}

TEST(JsonFieldStream, NoObject_IsNeitherCompleteNorFailed) {
  const Read got = read("I cannot {really} answer.", 3);
  EXPECT_FALSE(got.complete);
  EXPECT_FALSE(got.failed);
  EXPECT_TRUE(got.fields.empty());
}

TEST(JsonFieldStream, Malformed_FailsAndKeepsWhatCame) {
  const Read got = read("{\"a\":\"x\" \"b\":1}", 4);
  EXPECT_TRUE(got.failed);
  EXPECT_EQ(got.fields.at("a"), "x");
}

TEST(JsonFieldStream, RawValueAboveTheLimit_Fails) {
  EXPECT_TRUE(read("{\"a\":[" + std::string(2000, '1') + "]}", 64).failed);
}

}  // namespace
}  // namespace caprock::rag
