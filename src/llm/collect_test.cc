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
  EXPECT_EQ(reply->stop, StopReason::kToolUse);
  EXPECT_EQ(reply->usage.total(), 7);
}

TEST(Collect, StreamWithoutStop_IsAnError) {
  const auto reply = collect_all({TextDelta{0, "half an ans"}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, base::ErrorKind::kUpstream);
}

}  // namespace
}  // namespace caprock::llm
