#include "net/sse_parser.h"

#include <gmock/gmock.h>

namespace caprock::net {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<SseEvent> parse(std::string_view text) { return SseParser().push(text).value(); }

// The examples of the specification.
TEST(SseParser, ExamplesOfTheSpecification_GiveTheirEvents) {
  EXPECT_THAT(parse("data: YHOO\ndata: +2\ndata: 10\n\n"),
              ElementsAre(SseEvent{"message", "YHOO\n+2\n10", ""}));
  EXPECT_THAT(
      parse(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"),
      ElementsAre(SseEvent{"message", "first event", "1"}, SseEvent{"message", "second event", ""},
                  SseEvent{"message", " third event", ""}));
  EXPECT_THAT(parse("data\n\ndata\ndata\n\ndata:"),
              ElementsAre(SseEvent{"message", "", ""}, SseEvent{"message", "\n", ""}));
  EXPECT_THAT(parse("data:test\n\ndata: test\n\n"),
              ElementsAre(SseEvent{"message", "test", ""}, SseEvent{"message", "test", ""}));
}

TEST(SseParser, AnyLineEndSplitAnywhere_GivesTheSameEvents) {
  const std::string_view text =
      "\xEF\xBB\xBF"
      "event: a\r\ndata: 1\r\n\r\nevent: b\rdata: 2\r\revent: c\ndata: 3\n\n";
  const std::vector<SseEvent> expected = {{"a", "1", ""}, {"b", "2", ""}, {"c", "3", ""}};
  EXPECT_EQ(parse(text), expected);
  SseParser bytewise;
  std::vector<SseEvent> got;
  for (const char c : text)
    for (const SseEvent& event : *bytewise.push({&c, 1})) got.push_back(event);
  EXPECT_EQ(got, expected);
}

TEST(SseParser, EventWithoutDataOrWithoutEnd_IsDropped) {
  EXPECT_THAT(parse("event: a\n\n"), IsEmpty());
  EXPECT_THAT(parse("data: unfinished\n"), IsEmpty());
}

TEST(SseParser, RetryAndId_AreKept) {
  SseParser parser;
  ASSERT_TRUE(parser.push("retry: 1500\nid: a\0b\nid: 7\nretry: 1s\n\n"sv));
  EXPECT_EQ(parser.retry(), std::chrono::milliseconds(1500));
  EXPECT_EQ(parser.last_id(), "7");
}

TEST(SseParser, EventAboveTheLimit_IsAnError) {
  SseParser parser(100);
  EXPECT_TRUE(parser.push("data: " + std::string(80, 'x') + "\n\n"));
  EXPECT_FALSE(parser.push("data: " + std::string(120, 'x')));
}

}  // namespace
}  // namespace caprock::net
