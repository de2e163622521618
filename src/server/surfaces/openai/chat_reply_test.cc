#include "server/surfaces/openai/chat_reply.h"

#include <gtest/gtest.h>

namespace caprock::server::openai {
namespace {

const ReplyHead kHead{.id = "chatcmpl-1", .created = 7, .model = "m"};

std::string chunk(const std::string& delta, const std::string& finish = "null") {
  return R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":)" +
         delta + R"(,"logprobs":null,"finish_reason":)" + finish + "}]}";
}
const std::string kBegin = chunk(R"({"role":"assistant","content":"","refusal":null})");

std::vector<std::string> rendered(const std::vector<llm::StreamEvent>& events, bool usage = false) {
  ChunkRenderer renderer(kHead, usage);
  std::vector<std::string> all;
  for (const auto& event : events) {
    const auto some = renderer.render(event);
    if (!some) {
      all.emplace_back("error");
      break;
    }
    for (const SseEvent& one : *some) all.push_back(one.data);
  }
  return all;
}

TEST(ChatReply, Stream_IsRenderedPieceByPiece) {
  EXPECT_EQ(
      rendered({llm::TextDelta{0, "Hi"}, llm::BlockStop{0}, llm::MessageStop{}, llm::StreamMetadata{}}),
      (std::vector<std::string>{kBegin, chunk(R"({"content":"Hi"})"), chunk("{}", R"("stop")"), "[DONE]"}));
}

TEST(ChatReply, ParallelTools_HaveIndicesOfTheirOwn) {
  EXPECT_EQ(
      rendered({llm::ToolUseStart{1, "a", "f"}, llm::ToolUseStart{2, "b", "g"}, llm::ToolInputDelta{2, "{}"},
                llm::MessageStop{.reason = llm::StopReason::kToolUse}}),
      (std::vector<std::string>{
          kBegin,
          chunk(
              R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]})"),
          chunk(
              R"({"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]})"),
          chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})"),
          chunk("{}", R"("tool_calls")")}));
}

TEST(ChatReply, Thoughts_KeepTheirSignature) {
  EXPECT_EQ(
      rendered({llm::ReasoningDelta{.block = 0, .text = "hm"},
                llm::ReasoningDelta{.block = 0, .text = {}, .signature = "s"}}),
      (std::vector<std::string>{
          kBegin,
          chunk(
              R"({"reasoning_details":[{"type":"reasoning.text","text":"hm","index":0}],"reasoning_content":"hm"})"),
          chunk(R"({"reasoning_details":[{"type":"reasoning.text","signature":"s","index":0}]})")}));
}

TEST(ChatReply, StreamWithoutStop_HasNoDone) {
  const auto all = rendered({llm::TextDelta{0, "Hi"}, llm::StreamMetadata{}});
  EXPECT_EQ(all, (std::vector<std::string>{kBegin, chunk(R"({"content":"Hi"})")}));
  EXPECT_EQ(rendered({llm::MessageStop{.reason = llm::StopReason::kMalformedToolUse}}),
            std::vector<std::string>{"error"});
}

TEST(ChatReply, Whole_HasUsageAsTheyCountIt) {
  llm::ChatReply reply;
  reply.message = llm::text_message(llm::Role::kAssistant, "Hi");
  reply.metadata.usage = {
      .input_tokens = 2, .output_tokens = 3, .cache_read_tokens = 5, .cache_write_tokens = 7};
  EXPECT_EQ(
      *render_reply(kHead, reply),
      R"({"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":)"
      R"({"role":"assistant","content":"Hi","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":14,"completion_tokens":3,"total_tokens":17,"prompt_tokens_details":)"
      R"({"cached_tokens":5,"cache_write_tokens":7},"completion_tokens_details":{"reasoning_tokens":0}}})");
}

}  // namespace
}  // namespace caprock::server::openai
