#include "providers/bedrock/stream_decoder.h"

#include <algorithm>

#include "providers/bedrock/testing.h"

namespace caprock::providers::bedrock {
namespace {

using testing::event_stream;
using testing::hello;

struct Seen {
  std::vector<llm::StreamEvent> events;
  base::Result<void> end;
  bool stopped() const {
    return std::ranges::any_of(events,
                               [](const auto& e) { return std::holds_alternative<llm::MessageStop>(e); });
  }
};

Seen decode(std::string_view bytes, std::size_t step = std::string::npos) {
  StreamDecoder decoder({.model = "m", .region = "r", .request_id = "r-1"});
  Seen seen;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(step, bytes.size())) {
    seen.end = decoder.push(std::string(bytes.substr(at, step)), seen.events);
    if (!seen.end) return seen;
  }
  seen.end = decoder.finish(seen.events);
  return seen;
}

TEST(StreamDecoder, SplitAtEveryByte_IsTheSame) {
  const std::string bytes = hello();
  const Seen whole = decode(bytes);
  ASSERT_TRUE(whole.end) << whole.end.error().detail;
  ASSERT_EQ(whole.events.size(), 6U);
  const auto& last = std::get<llm::StreamMetadata>(whole.events.back());
  EXPECT_EQ(last.model, "m");
  EXPECT_EQ(last.id, "r-1");
  for (std::size_t step = 1; step < 200; ++step) {
    const Seen pieces = decode(bytes, step);
    ASSERT_TRUE(pieces.end) << step;
    ASSERT_EQ(pieces.events.size(), whole.events.size()) << step;
  }
}

TEST(StreamDecoder, CutAtEveryByte_IsAnErrorAndNoEnd) {
  const std::string bytes = hello();
  const std::string last = event_stream(
      {{"metadata",
        R"({"usage":{"inputTokens":3,"outputTokens":1,"totalTokens":4},"metrics":{"latencyMs":5}})"}});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Seen cut = decode(std::string_view(bytes).substr(0, length));
    ASSERT_FALSE(cut.end) << length;
    EXPECT_EQ(cut.end.error().kind, base::ErrorKind::kUpstream);
    EXPECT_EQ(cut.end.error().origin.request_id, "r-1");
    // The model's own stop may have come before the cut; none is made up.
    EXPECT_EQ(cut.stopped(), length >= bytes.size() - last.size()) << length;
  }
}

TEST(StreamDecoder, EveryFlippedByte_IsFound) {
  const std::string bytes = hello();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    EXPECT_FALSE(decode(flipped).end) << at;
  }
}

TEST(StreamDecoder, Exception_EndsWithItsMeaningAfterWhatCameBefore) {
  std::string bytes =
      event_stream({{"messageStart", R"({"role":"assistant"})"},
                    {"contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"x"}})"}});
  ASSERT_TRUE(aws::append_exception(bytes, "throttlingException", R"({"message":"Too many tokens"})"));
  const Seen seen = decode(bytes);
  EXPECT_EQ(seen.events.size(), 2U);
  ASSERT_FALSE(seen.end);
  EXPECT_EQ(seen.end.error().kind, base::ErrorKind::kRateLimited);
  EXPECT_EQ(seen.end.error().message, "Too many tokens");
}

TEST(StreamDecoder, WrongOrder_IsAnError) {
  const std::string_view delta = R"({"contentBlockIndex":0,"delta":{"text":"x"}})";
  const std::string_view stop = R"({"stopReason":"end_turn"})";
  const std::string_view metadata = R"({"usage":{}})";
  EXPECT_FALSE(decode(event_stream({{"metadata", metadata}})).end);
  EXPECT_FALSE(decode(event_stream({{"messageStop", stop}, {"contentBlockDelta", delta}})).end);
  EXPECT_FALSE(decode(event_stream({{"messageStop", stop}, {"messageStop", stop}})).end);
  EXPECT_FALSE(
      decode(event_stream({{"messageStop", stop}, {"metadata", metadata}, {"metadata", metadata}})).end);
  EXPECT_TRUE(
      decode(event_stream({{"eventOfTomorrow", "{}"}, {"messageStop", stop}, {"metadata", metadata}})).end);
}

TEST(StreamDecoder, ErrorFrame_IsAnError) {
  std::string bytes;
  const aws::EventHeader headers[] = {{":message-type", std::string_view("error")},
                                      {":error-code", std::string_view("InternalFailure")},
                                      {":error-message", std::string_view("why")}};
  ASSERT_TRUE(aws::append_message(bytes, headers, ""));
  const Seen seen = decode(bytes);
  ASSERT_FALSE(seen.end);
  EXPECT_EQ(seen.end.error().kind, base::ErrorKind::kUpstream);
  EXPECT_NE(seen.end.error().detail.find("why"), std::string::npos);
}

}  // namespace
}  // namespace caprock::providers::bedrock
