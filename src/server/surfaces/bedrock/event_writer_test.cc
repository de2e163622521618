#include "server/surfaces/bedrock/event_writer.h"

#include <gtest/gtest.h>

#include "aws/eventstream.h"

namespace caprock::server::bedrock {
namespace {

/// "type payload" of every frame.
std::vector<std::string> frames_of(std::string bytes) {
  aws::EventStreamReader reader;
  reader.push(std::move(bytes));
  std::vector<std::string> out;
  while (true) {
    const auto outcome = reader.next();
    const auto* message = std::get_if<aws::EventMessage>(&outcome);
    if (message == nullptr) break;
    const std::string kind(
        message->text(message->message_type() == "event" ? ":event-type" : ":exception-type"));
    out.push_back(kind + " " + std::string(message->payload));
  }
  EXPECT_EQ(reader.pending(), 0);
  return out;
}

std::vector<std::string> written(const std::vector<llm::StreamEvent>& events) {
  EventWriter writer;
  std::string out;
  for (const auto& event : events) EXPECT_TRUE(writer.append(out, event, 7));
  return frames_of(std::move(out));
}

TEST(EventWriter, Text_HasNoStartOfItsBlock) {
  EXPECT_EQ(
      written({llm::MessageStart{}, llm::TextDelta{0, "He\"y"}, llm::BlockStop{0},
               llm::MessageStop{llm::StopReason::kEndTurn},
               llm::StreamMetadata{.usage = {.input_tokens = 3, .output_tokens = 2}}}),
      (std::vector<std::string>{
          R"(messageStart {"role":"assistant"})",
          R"(contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"He\"y"}})",
          R"(contentBlockStop {"contentBlockIndex":0})", R"(messageStop {"stopReason":"end_turn"})",
          R"(metadata {"usage":{"inputTokens":3,"outputTokens":2,"totalTokens":5},"metrics":{"latencyMs":7}})"}));
}

TEST(EventWriter, ReasoningAndTools_KeepSignatureAndArguments) {
  const auto frames = written({llm::ReasoningDelta{.block = 0, .text = "hm", .signature = "sig"},
                               llm::ToolUseStart{.block = 1, .id = "t1", .name = "weather"},
                               llm::ToolInputDelta{1, R"({"a":)"}});
  EXPECT_EQ(frames.at(1),
            R"(contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}})");
  EXPECT_EQ(frames.at(2),
            R"(contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"sig"}}})");
  EXPECT_EQ(
      frames.at(3),
      R"(contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t1","name":"weather"}}})");
  EXPECT_EQ(frames.at(4),
            R"(contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"a\":"}}})");
}

TEST(EventWriter, UsageThatNobodyKnows_IsNotZero) {
  const auto frames = written({llm::MessageStop{}, llm::StreamMetadata{.usage = {}, .usage_known = false}});
  EXPECT_EQ(frames.at(2), R"(metadata {"metrics":{"latencyMs":7}})");
}

TEST(EventWriter, AfterTheEnd_NothingMoreIsWritten) {
  EventWriter writer;
  std::string out;
  ASSERT_TRUE(writer.append(out, llm::MessageStop{}, 0));
  EXPECT_FALSE(writer.append(out, llm::TextDelta{0, "x"}, 0));
}

TEST(EventWriter, BrokenStream_EndsInAnException) {
  std::string out;
  append_stream_error(out, base::Error(base::ErrorKind::kRateLimited, "slow down"));
  append_stream_error(out, base::Error(base::ErrorKind::kUpstream, "gone"));
  EXPECT_EQ(frames_of(std::move(out)),
            (std::vector<std::string>{R"(throttlingException {"message":"slow down"})",
                                      R"(modelStreamErrorException {"message":"gone"})"}));
}

}  // namespace
}  // namespace caprock::server::bedrock
