#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

#include "llm/chat_model.h"

namespace caprock::llm {
namespace {

class Scripted final : public ChatStream {
 public:
  explicit Scripted(std::deque<StreamEvent> events) : events_(std::move(events)) {}
  base::Awaitable<base::Result<std::optional<StreamEvent>>> next() override {
    if (events_.empty()) co_return std::optional<StreamEvent>();
    std::optional<StreamEvent> event(std::move(events_.front()));
    events_.pop_front();
    co_return event;
  }

 private:
  std::deque<StreamEvent> events_;
};

base::Result<ChatReply> collect_all(std::deque<StreamEvent> events) {
  boost::asio::io_context loop;
  base::Result<ChatReply> reply;
  Scripted stream(std::move(events));
  boost::asio::co_spawn(
      loop, [&]() -> base::Awaitable<void> { reply = co_await collect(stream); },
      [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
  loop.run();
  return reply;
}

TEST(Collect, Deltas_BecomeBlocksInOrder) {
  const auto reply =
      collect_all({ReasoningDelta{.block = 0, .text = "hm", .signature = "sig", .redacted = {}},
                   TextDelta{1, "Hel"}, TextDelta{1, "lo"}, ToolUseStart{2, "t1", "search"},
                   ToolInputDelta{2, "{\"q\":"}, ToolInputDelta{2, "1}"}, MessageStop{StopReason::kToolUse},
                   StreamMetadata{.usage = {.input_tokens = 3, .output_tokens = 4}, .model = "m"}});
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->message.content.size(), 3U);
  EXPECT_EQ(std::get<ReasoningBlock>(reply->message.content[0]).signature, "sig");
  EXPECT_EQ(text_of(reply->message), "Hello");
  EXPECT_EQ(std::get<ToolUseBlock>(reply->message.content[2]).input_json, "{\"q\":1}");
  EXPECT_EQ(reply->stop.reason, StopReason::kToolUse);
  EXPECT_EQ(reply->metadata.usage.total(), 7);
}

TEST(Collect, ParallelToolUses_KeepTheirArgumentsApart) {
  const auto reply =
      collect_all({ToolUseStart{1, "a", "f"}, ToolUseStart{2, "b", "g"}, ToolInputDelta{2, "{}"},
                   ToolInputDelta{1, "{\"x\":"}, ToolInputDelta{1, "1}"}, MessageStop{StopReason::kToolUse}});
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->message.content.size(), 2U);
  EXPECT_EQ(std::get<ToolUseBlock>(reply->message.content[0]).input_json, "{\"x\":1}");
  EXPECT_EQ(std::get<ToolUseBlock>(reply->message.content[1]).input_json, "{}");
}

TEST(Collect, StartEndAndCitations_AreKept) {
  const auto reply =
      collect_all({MessageStart{.id = "msg_1", .model = "m", .usage = {}}, TextDelta{0, "So it is."},
                   CitationDelta{0, Citation{.place = Citation::Place::kDocumentPage, .index = 2}},
                   MessageStop{.reason = StopReason::kStopSequence, .stop_sequence = "END"},
                   StreamMetadata{.usage = {.input_tokens = 1, .cache_read_tokens = 5}}});
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<TextBlock>(reply->message.content[0]).citations.at(0).index, 2);
  EXPECT_EQ(reply->stop.stop_sequence, "END");
  EXPECT_EQ(reply->metadata.id, "msg_1");
  EXPECT_EQ(reply->metadata.model, "m");
  EXPECT_EQ(reply->metadata.usage.cache_read_tokens, 5);
}

TEST(Collect, ResultsAndImagesOfTheProvider_AreBlocks) {
  const auto reply = collect_all(
      {ToolResultStart{0, "t1", false, "search"}, ToolResultDelta{0, TextBlock{"a"}},
       ToolResultDelta{0, TextBlock{"b"}}, ToolResultDelta{0, JsonBlock{"{}"}},
       ImageDelta{1, ImageBlock{"png", {.bytes = "x"}}}, ImageDelta{1, ImageBlock{"", {.bytes = "y"}}},
       RefusalDelta{2, "I may "}, RefusalDelta{2, "not"}, MessageStop{}});
  ASSERT_TRUE(reply);
  const auto& result = std::get<ToolResultBlock>(reply->message.content[0]);
  ASSERT_EQ(result.content.size(), 2U);
  EXPECT_EQ(std::get<TextBlock>(result.content[0]).text, "ab");
  EXPECT_EQ(std::get<ImageBlock>(reply->message.content[1]).source.bytes, "xy");
  EXPECT_EQ(std::get<RefusalBlock>(reply->message.content[2]).text, "I may not");
}

TEST(Collect, StreamThatContradictsItself_IsAnError) {
  EXPECT_FALSE(collect_all({ToolInputDelta{0, "{}"}, MessageStop{}}));
  EXPECT_FALSE(collect_all({TextDelta{0, "a"}, ToolUseStart{0, "t", "f"}, MessageStop{}}));
  EXPECT_FALSE(collect_all({TextDelta{0, "a"}, ReasoningDelta{0, "b"}, MessageStop{}}));
  EXPECT_FALSE(collect_all({MessageStop{}, TextDelta{0, "a"}}));
  EXPECT_FALSE(collect_all({MessageStop{}, MessageStop{}}));
}

TEST(Collect, StreamWithoutStop_IsAnError) {
  const auto reply = collect_all({TextDelta{0, "half an ans"}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, base::ErrorKind::kUpstream);
}

}  // namespace
}  // namespace caprock::llm
