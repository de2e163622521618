#include "aws/event_frames.h"

#include <gtest/gtest.h>

#include "aws/eventstream.h"
#include "aws/testing/frame.h"

namespace caprock::aws {
namespace {

std::string three_events() {
  std::string out;
  EXPECT_TRUE(append_event(out, "messageStart", "{}"));
  EXPECT_TRUE(append_event(out, "chunk", std::string(300, 'x')));
  EXPECT_TRUE(append_event(out, "metadata", R"({"usage":{}})"));
  return out;
}

std::string_view payload_of(std::string_view message) {
  static EventDecoder decoder;
  const auto outcome = decoder.decode(message);
  const auto* event = std::get_if<EventMessage>(&outcome);
  return event == nullptr ? std::string_view("-") : event->payload;
}

TEST(EventFrames, OnePiece_GivesItsLastMessage) {
  const std::string stream = three_events();
  EventFrames frames;
  EXPECT_TRUE(frames.between());
  frames.push(stream);
  EXPECT_TRUE(frames.between());
  EXPECT_EQ(payload_of(frames.last()), R"({"usage":{}})");
}

TEST(EventFrames, SplitAtEveryByte_KnowsWhereMessagesEnd) {
  const std::string stream = three_events();
  std::string one;
  ASSERT_TRUE(append_event(one, "messageStart", "{}"));
  const std::size_t first = one.size();
  ASSERT_TRUE(append_event(one, "chunk", std::string(300, 'x')));
  const std::size_t second = one.size();
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    EventFrames frames;
    frames.push(std::string_view(stream).substr(0, cut));
    EXPECT_EQ(frames.between(), cut == 0 || cut == first || cut == second || cut == stream.size()) << cut;
    frames.push(std::string_view(stream).substr(cut));
    EXPECT_TRUE(frames.between()) << cut;
    EXPECT_FALSE(frames.fault());
    if (cut < stream.size()) EXPECT_EQ(payload_of(frames.last()), R"({"usage":{}})") << cut;
  }
}

TEST(EventFrames, ByteByByte_GivesEachMessageOnce) {
  const std::string stream = three_events();
  EventFrames frames;
  std::size_t messages = 0;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    frames.push(std::string_view(stream).substr(i, 1));
    if (!frames.last().empty()) ++messages;
    EXPECT_EQ(frames.last().empty(), !frames.between());
  }
  EXPECT_EQ(messages, 3U);
}

TEST(EventFrames, WrongPrelude_IsAFaultForEver) {
  for (const std::size_t cut : {0U, 3U, 12U}) {
    std::string stream = three_events();
    stream[1] ^= 1;
    EventFrames frames;
    frames.push(std::string_view(stream).substr(0, cut));
    frames.push(std::string_view(stream).substr(cut));
    frames.push(three_events());
    EXPECT_EQ(frames.fault(), EventStreamFault::kPreludeChecksum);
    EXPECT_FALSE(frames.between());
  }
}

TEST(EventFrames, HugeMessage_IsCountedButNotKept) {
  std::string stream;
  ASSERT_TRUE(append_event(stream, "chunk", std::string(EventFrames::kKeep, 'x')));
  const std::string whole = stream;
  EventFrames frames;
  frames.push(whole);
  EXPECT_TRUE(frames.between());
  EXPECT_TRUE(frames.last().empty());
  for (std::size_t at = 0; at < whole.size(); at += 70'000)
    frames.push(std::string_view(whole).substr(at, 70'000));
  EXPECT_TRUE(frames.between());
  EXPECT_TRUE(frames.last().empty());
  frames.push(three_events());
  EXPECT_TRUE(frames.between());
  EXPECT_FALSE(frames.last().empty());
}

}  // namespace
}  // namespace caprock::aws
