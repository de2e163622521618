#include "server/surfaces/bedrock/invoke_dialect.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "aws/eventstream.h"
#include "base/base64.h"
#include "server/surfaces/bedrock/testing.h"

namespace caprock::server {
namespace {

namespace json = boost::json;
using testing::BedrockDoor;

constexpr const char* kChat = R"({"messages":[{"role":"user","content":"hi"}],"max_tokens":9})";

const llm::StreamMetadata kUsed{.usage = {.input_tokens = 3, .output_tokens = 2}, .latency_ms = 5};

/// The JSON in the chunks of a stream.
std::vector<json::value> chunks(std::string_view stream) {
  std::vector<json::value> out;
  aws::EventDecoder decoder;
  while (!stream.empty()) {
    const auto outcome = decoder.decode(stream);
    const auto* message = std::get_if<aws::EventMessage>(&outcome);
    if (message == nullptr || message->text(":event-type") != "chunk") break;
    const auto payload = json::parse(message->payload);
    out.push_back(json::parse(*base::base64_decode(payload.at("bytes").as_string())));
    stream.remove_prefix(message->size);
  }
  return out;
}

TEST(InvokeDialect, ChatCompletions_AreTranslatedAndCounted) {
  BedrockDoor door;
  door.say({llm::TextDelta{0, "Hello"}, llm::BlockStop{0}, llm::MessageStop{}, kUsed});
  const auto answer = door.post("/model/openai%2Fgpt-x/invoke", kChat);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(door.model.asked.model, "openai/gpt-x");
  EXPECT_EQ(door.model.asked.inference.max_tokens, 9);
  EXPECT_FALSE(door.model.asked.stream);
  const auto reply = json::parse(answer.body);
  EXPECT_EQ(reply.at("choices").at(0).at("message").at("content").as_string(), "Hello");
  EXPECT_EQ(answer.headers.get("x-amzn-bedrock-input-token-count"), "3");
  EXPECT_EQ(answer.headers.get("x-amzn-bedrock-output-token-count"), "2");
}

TEST(InvokeDialect, Stream_IsChunksOfTheDialectAndTheLastCounts) {
  BedrockDoor door;
  door.say({llm::TextDelta{0, "Hel"}, llm::TextDelta{0, "lo"}, llm::BlockStop{0}, llm::MessageStop{}, kUsed});
  const auto answer = door.post("/model/openai%2Fgpt-x/invoke-with-response-stream", kChat);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.get("x-amzn-bedrock-content-type"), "application/json");
  EXPECT_TRUE(door.model.asked.stream);
  const auto events = chunks(answer.body);
  ASSERT_GE(events.size(), 3U);
  std::string text;
  for (const auto& event : events)
    for (const auto& choice : event.at("choices").as_array())
      if (const auto* content = choice.at("delta").as_object().if_contains("content");
          content != nullptr && content->is_string())
        text += content->get_string();
  EXPECT_EQ(text, "Hello");
  const auto& counts = events.back().at("amazon-bedrock-invocationMetrics");
  EXPECT_EQ(counts.at("inputTokenCount").as_int64(), 3);
  EXPECT_EQ(counts.at("invocationLatency").as_int64(), 5);
}

constexpr const char* kMessages =
    R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"stop_sequences":["zz"]})";

TEST(InvokeDialect, AnthropicMessages_AreTranslatedAndCounted) {
  BedrockDoor door;
  door.say({llm::TextDelta{0, "Hello"}, llm::BlockStop{0}, llm::MessageStop{llm::StopReason::kStopSequence},
            kUsed});
  const auto answer = door.post("/model/openai%2Fgpt-x/invoke", kMessages);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(door.model.asked.model, "openai/gpt-x");
  const auto reply = json::parse(answer.body);
  EXPECT_EQ(reply.at("type").as_string(), "message");
  EXPECT_EQ(reply.at("content").at(0).at("text").as_string(), "Hello");
  EXPECT_EQ(reply.at("stop_sequence").as_string(), "zz");
  EXPECT_EQ(answer.headers.get("x-amzn-bedrock-input-token-count"), "3");
}

TEST(InvokeDialect, AnthropicStream_IsItsEventsAndTheLastCounts) {
  BedrockDoor door;
  door.say({llm::TextDelta{0, "Hel"}, llm::TextDelta{0, "lo"}, llm::BlockStop{0}, llm::MessageStop{}, kUsed});
  const auto answer = door.post("/model/openai%2Fgpt-x/invoke-with-response-stream", kMessages);
  std::vector<std::string> types;
  const auto events = chunks(answer.body);
  for (const auto& event : events) types.emplace_back(event.at("type").as_string());
  EXPECT_EQ(types, (std::vector<std::string>{"message_start", "content_block_start", "content_block_delta",
                                             "content_block_delta", "content_block_stop", "message_delta",
                                             "message_stop"}));
  EXPECT_EQ(events.back().at("amazon-bedrock-invocationMetrics").at("outputTokenCount").as_int64(), 2);
}

TEST(InvokeDialect, StreamThatBreaks_EndsInAnException) {
  BedrockDoor door;
  door.say({llm::TextDelta{0, "Hel"}});
  const auto answer = door.post("/model/openai%2Fgpt-x/invoke-with-response-stream", kChat);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.contains("modelStreamErrorException"));
  EXPECT_FALSE(answer.body.contains("invocationMetrics"));
}

TEST(InvokeDialect, BodyOfAnotherDialect_IsRefusedByName) {
  BedrockDoor door;
  for (const char* body : {R"({"inputText":"hi"})", R"({"prompt":"hi","max_gen_len":5})", "[]"}) {
    const auto answer = door.post("/model/openai%2Fgpt-x/invoke", body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(answer.body.contains("body")) << answer.body;
  }
  const auto wrong =
      door.post("/model/openai%2Fgpt-x/invoke", R"({"messages":[{"role":"robot","content":"x"}]})");
  EXPECT_TRUE(wrong.body.contains("messages[0].role")) << wrong.body;
}

/// Counts the characters of what is said.
class Counter final : public llm::TokenCounter {
 public:
  base::Awaitable<base::Result<llm::TokenCount>> count(const base::RequestContext&,
                                                       llm::ChatRequest request) override {
    std::int64_t all = 0;
    for (const auto& message : request.messages)
      all += static_cast<std::int64_t>(llm::text_of(message).size());
    co_return llm::TokenCount{.input_tokens = all};
  }
};

TEST(CountTokens, BothKindsOfInput_AreCounted) {
  Counter counter;
  BedrockDoor door(&counter);
  const auto converse =
      door.post("/model/openai%2Fgpt-x/count-tokens",
                R"({"input":{"converse":{"messages":[{"role":"user","content":[{"text":"four"}]}]}}})");
  EXPECT_EQ(converse.body, R"({"inputTokens":4})");
  const auto invoke =
      door.post("/model/openai%2Fgpt-x/count-tokens",
                R"({"input":{"invokeModel":{"body":")" + base::base64_encode(kChat) + R"("}}})");
  EXPECT_EQ(invoke.body, R"({"inputTokens":2})");
  door.post("/model/native/count-tokens", "{}");
  EXPECT_EQ(door.native.asked.operation, llm::NativeOperation::kCountTokens);
}

TEST(CountTokens, WrongInputOrNobodyWhoCounts_IsAValidationException) {
  BedrockDoor door;
  for (const char* body :
       {R"({"input":{}})", R"({"input":{"invokeModel":{"body":"%%"}}})",
        R"({"input":{"converse":{"messages":[{"role":"user","content":[{"text":"x"}]}]}}})"}) {
    const auto answer = door.post("/model/openai%2Fgpt-x/count-tokens", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "ValidationException");
  }
}

}  // namespace
}  // namespace caprock::server
