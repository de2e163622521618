#include <gmock/gmock.h>

#include "providers/bedrock/invoke/testing.h"

namespace caprock::providers::bedrock::invoke {
namespace {

using testing::conversation;
using testing::refused;
using testing::streamed;
using testing::whole;
using enum llm::StopReason;
using ::testing::HasSubstr;

const std::string kSchema =
    R"({"type":"object","properties":{"city":{"type":"string","description":"Where."},"days":{"type":"integer"}},"required":["city"]})";

/// A question, two calls and their results.
llm::ChatRequest with_calls() {
  auto request = conversation();
  request.system.clear();
  request.messages.resize(1);
  request.messages.push_back({.role = llm::Role::kAssistant,
                              .content = {llm::ToolUseBlock{"a", "weather", R"({"city":"x"})"},
                                          llm::ToolUseBlock{"b", "time", ""}}});
  request.messages.push_back(
      {.role = llm::Role::kUser,
       .content = {llm::ToolResultBlock{.tool_use_id = "a", .content = {llm::JsonBlock{"{\"c\":7}"}}},
                   llm::ToolResultBlock{
                       .tool_use_id = "b", .content = {llm::TextBlock{"no clock"}}, .is_error = true}}});
  request.tools = {llm::ToolSpec{"weather", "Tells it.", kSchema}};
  return request;
}

TEST(Jamba, Body_IsMessages) {
  auto request = conversation();
  request.inference = {.max_tokens = 50, .stop_sequences = {"END"}, .presence_penalty = 0.5};
  request.response_format = llm::ResponseFormat{.kind = llm::ResponseFormat::Kind::kJsonObject};
  EXPECT_EQ(
      *jamba().body(request),
      R"({"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"And \"you\"?"}],"max_tokens":50,"stop":["END"],"presence_penalty":0.5,"response_format":{"type":"json_object"}})");
  request.messages[0].content.emplace_back(llm::TextBlock{"there"});
  EXPECT_THAT(*jamba().body(request), HasSubstr(R"({"role":"user","content":"Hi\n\nthere"})"));
  request.messages[0].content.emplace_back(llm::ImageBlock{.format = "png", .source = {.bytes = "x"}});
  EXPECT_EQ(refused(jamba(), request), "messages[0].content[2].image");
}

TEST(Jamba, Tools_GoThereAndBack) {
  EXPECT_EQ(
      *jamba().body(with_calls()),
      R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"x\"}"}},{"id":"b","type":"function","function":{"name":"time","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"{\"c\":7}"},{"role":"tool","tool_call_id":"b","content":"Error: no clock"}],"tools":[{"type":"function","function":{"name":"weather","description":"Tells it.","parameters":)" +
          kSchema + "}}]}");
  const auto reply = whole(
      jamba(),
      R"({"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"weather","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})");
  EXPECT_EQ(std::get<llm::ToolUseBlock>(reply.message.content.at(0)).id, "t1");
  EXPECT_EQ(reply.stop.reason, kToolUse);
  EXPECT_EQ(reply.metadata.usage.total(), 7);
  auto forced = with_calls();
  forced.tool_choice = llm::ToolChoice{.kind = llm::ToolChoice::Kind::kAny};
  EXPECT_EQ(refused(jamba(), forced), "tool_choice");
}

TEST(Jamba, Stream_EndsWithItsFigures) {
  const auto reply = streamed(
      jamba(),
      {R"({"id":"c-1","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]})",
       R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"length"}]})",
       R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})"});
  EXPECT_EQ(llm::text_of(reply.message), "Hello");
  EXPECT_EQ(reply.stop.reason, kMaxTokens);
  EXPECT_EQ(reply.metadata.usage.input_tokens, 3);
}

TEST(MistralChat, Body_HasImagesAndChoices) {
  auto request = conversation();
  request.messages.resize(1);
  request.messages[0].content.emplace_back(llm::ImageBlock{.format = "png", .source = {.bytes = "x"}});
  request.tools = {llm::ToolSpec{"t", "", R"({"type":"object"})"}};
  request.tool_choice = llm::ToolChoice{.kind = llm::ToolChoice::Kind::kAny};
  EXPECT_EQ(
      *mistral_chat().body(request),
      R"({"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image_url","image_url":{"url":"data:image/png;base64,eA=="}}]}],"tools":[{"type":"function","function":{"name":"t","parameters":{"type":"object"}}}],"tool_choice":"any"})");
  request.tool_choice = llm::ToolChoice{.kind = llm::ToolChoice::Kind::kTool, .name = "t"};
  EXPECT_EQ(refused(mistral_chat(), request), "tool_choice");
  request.tool_choice.reset();
  request.inference.stop_sequences = {"x"};
  EXPECT_EQ(refused(mistral_chat(), request), "stop_sequences");
}

TEST(MistralChat, Replies_EndByStopReason) {
  const auto reply =
      whole(mistral_chat(),
            R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"stop_reason":"stop"}]})",
            {{"x-amzn-bedrock-input-token-count", "5"}, {"x-amzn-bedrock-output-token-count", "6"}});
  EXPECT_EQ(reply.stop.reason, kEndTurn);
  EXPECT_TRUE(reply.stop.stop_sequence.empty());
  EXPECT_EQ(reply.metadata.usage.total(), 11);
  const auto stream = streamed(
      mistral_chat(),
      {R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"stop_reason":null}]})",
       R"({"choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"t1","function":{"name":"t","arguments":"{}"}}]},"stop_reason":"tool_calls"}]})"});
  EXPECT_EQ(stream.stop.reason, kToolUse);
  EXPECT_EQ(stream.metadata.usage.input_tokens, 11);
  ASSERT_EQ(stream.message.content.size(), 2U);
}

TEST(CohereChat, Body_IsMessageHistoryAndPreamble) {
  auto request = conversation();
  request.inference = {.max_tokens = 50, .top_p = 0.9, .top_k = 3, .stop_sequences = {"END"}, .seed = 7};
  EXPECT_EQ(
      *cohere_chat().body(request),
      R"({"message":"And \"you\"?","chat_history":[{"role":"USER","message":"Hi"},{"role":"CHATBOT","message":"Hello"}],"preamble":"Be brief.","max_tokens":50,"p":0.9,"k":3,"seed":7,"stop_sequences":["END"]})");
}

TEST(CohereChat, Tools_AreParametersAndResultsNameTheirCalls) {
  EXPECT_EQ(
      *cohere_chat().body(with_calls()),
      R"({"message":"Hi","tools":[{"name":"weather","description":"Tells it.","parameter_definitions":{"city":{"description":"Where.","type":"str","required":true},"days":{"type":"int","required":false}}}],"tool_results":[{"call":{"name":"weather","parameters":{"city":"x"}},"outputs":[{"c":7}]},{"call":{"name":"time","parameters":{}},"outputs":[{"error":"no clock"}]}]})");
  auto request = with_calls();
  request.tools = {
      llm::ToolSpec{"t", "", R"({"type":"object","properties":{"x":{"type":"string","enum":["a"]}}})"}};
  EXPECT_EQ(refused(cohere_chat(), request), "toolConfig.tools[0].toolSpec.inputSchema.json.properties.x");
  request = with_calls();
  request.messages.push_back(llm::text_message(llm::Role::kAssistant, "So."));
  request.messages.push_back(llm::text_message(llm::Role::kUser, "And?"));
  EXPECT_EQ(refused(cohere_chat(), request), "messages[1].content[0].toolUse");
  request = with_calls();
  std::get<llm::ToolResultBlock>(request.messages[2].content[0]).tool_use_id = "z";
  EXPECT_EQ(refused(cohere_chat(), request), "messages[2].content[0].toolResult.toolUseId");
}

TEST(CohereChat, Replies_GiveCallsAnId) {
  const auto reply = whole(
      cohere_chat(),
      R"({"generation_id":"g1","text":"I look.","finish_reason":"COMPLETE","tool_calls":[{"name":"weather","parameters":{"city":"x"}}]})");
  ASSERT_EQ(reply.message.content.size(), 2U);
  EXPECT_EQ(std::get<llm::ToolUseBlock>(reply.message.content[1]).id, "call_1_g1");
  EXPECT_EQ(std::get<llm::ToolUseBlock>(reply.message.content[1]).input_json, R"({"city":"x"})");
  EXPECT_EQ(reply.stop.reason, kToolUse);
  EXPECT_FALSE(reply.metadata.usage_known);
}

TEST(CohereChat, Stream_EndsAtStreamEnd) {
  const std::vector<std::string> events{
      R"({"event_type":"stream-start","is_finished":false,"generation_id":"g1"})",
      R"({"event_type":"text-generation","is_finished":false,"text":"Hel"})",
      R"({"event_type":"text-generation","is_finished":false,"text":"lo"})",
      R"({"event_type":"citation-generation","citations":[{"start":0,"end":5,"text":"Hello","document_ids":["d:0"]}]})",
      R"({"event_type":"kind-of-tomorrow"})",
      R"({"event_type":"stream-end","is_finished":true,"finish_reason":"MAX_TOKENS","response":{"text":"Hello"}})"};
  const auto reply = streamed(cohere_chat(), events);
  ASSERT_EQ(reply.message.content.size(), 1U);
  const auto& text = std::get<llm::TextBlock>(reply.message.content[0]);
  EXPECT_EQ(text.text, "Hello");
  ASSERT_EQ(text.citations.size(), 1U);
  EXPECT_EQ(text.citations[0].source, "d:0");
  EXPECT_EQ(text.citations[0].text_end, 5);
  EXPECT_EQ(reply.stop.reason, kMaxTokens);
  const auto failed = testing::decode(
      cohere_chat(),
      testing::stream_of({events[0], R"({"event_type":"stream-end","finish_reason":"ERROR"})"}), 8);
  EXPECT_EQ(failed.end.error().cause, base::ErrorCause::kModelFault);
}

}  // namespace
}  // namespace caprock::providers::bedrock::invoke
