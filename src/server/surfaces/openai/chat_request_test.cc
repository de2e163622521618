#include "server/surfaces/openai/chat_request.h"

#include <gtest/gtest.h>

#include "base/json/json_text.h"
#include "server/openai_error.h"

namespace caprock::server::openai {
namespace {

base::Result<ChatBody> read(std::string_view text) { return read_chat_body(base::parse_json(text).value()); }

std::string refused(std::string_view more) {
  const auto body =
      read(R"({"model":"m","messages":[{"role":"user","content":"Hi"}])" + std::string(more) + "}");
  return body ? "taken" : body.error().field;
}

TEST(ChatRequest, ToolRound_BecomesBlocks) {
  const auto body = read(
      R"({"model":"m","messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"Add"},)"
      R"({"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"s"}],)"
      R"("tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},)"
      R"({"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"b","content":"2"},{"role":"tool","tool_call_id":"a","content":"1"},)"
      R"({"role":"user","content":"Well?"}],"stop":"END","parallel_tool_calls":false,"tool_choice":"required"})");
  ASSERT_TRUE(body) << body.error().message;
  const auto& r = body->request;
  EXPECT_EQ(r.system.size(), 1U);
  ASSERT_EQ(r.messages.size(), 3U);
  ASSERT_EQ(r.messages[1].content.size(), 3U);
  EXPECT_EQ(std::get<llm::ReasoningBlock>(r.messages[1].content[0]).signature, "s");
  EXPECT_EQ(std::get<llm::ToolUseBlock>(r.messages[1].content[2]).id, "b");
  ASSERT_EQ(r.messages[2].content.size(), 3U);
  EXPECT_EQ(std::get<llm::ToolResultBlock>(r.messages[2].content[0]).tool_use_id, "b");
  EXPECT_EQ(std::get<llm::TextBlock>(r.messages[2].content[2]).text, "Well?");
  EXPECT_EQ(r.inference.stop_sequences, std::vector<std::string>{"END"});
  EXPECT_EQ(r.tool_choice->kind, llm::ToolChoice::Kind::kAny);
  EXPECT_FALSE(r.stream);
}

TEST(ChatRequest, ImagesAndFiles_AreDecoded) {
  const auto body = read(
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"What?","cache_control":{"type":"ephemeral","ttl":"1h"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/jpg;base64,Zm9v","detail":"low"}},)"
      R"({"type":"image_url","image_url":{"url":"https://x/y.png"}},)"
      R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,Zm9v"}}]}]})");
  ASSERT_TRUE(body) << body.error().message;
  const auto& content = body->request.messages[0].content;
  EXPECT_EQ(std::get<llm::CachePointBlock>(content[1]).ttl, "1h");
  EXPECT_EQ(std::get<llm::ImageBlock>(content[2]).format, "jpeg");
  EXPECT_EQ(std::get<llm::ImageBlock>(content[2]).source.bytes, "foo");
  EXPECT_EQ(std::get<llm::ImageBlock>(content[3]).source.uri, "https://x/y.png");
  EXPECT_EQ(std::get<llm::DocumentBlock>(content[4]).name, "a.pdf");
}

TEST(ChatRequest, WhatIsNotDone_IsRefusedByName) {
  EXPECT_EQ(refused(R"(,"n":2)"), "n");
  EXPECT_EQ(refused(R"(,"logprobs":true)"), "logprobs");
  EXPECT_EQ(refused(R"(,"logprobs":false,"n":1,"store":false,"modalities":["text"])"), "taken");
  EXPECT_EQ(refused(R"(,"top_logprobs":2)"), "top_logprobs");
  EXPECT_EQ(refused(R"(,"modalities":["audio"])"), "modalities");
  EXPECT_EQ(refused(R"(,"temperature":3)"), "temperature");
  EXPECT_EQ(refused(R"(,"temperature":"hot")"), "temperature");
  EXPECT_EQ(refused(R"(,"max_tokens":0)"), "max_tokens");
  EXPECT_EQ(refused(R"(,"stop":["a","b","c","d","e"])"), "stop");
  EXPECT_EQ(refused(R"(,"stream_options":{"include_usage":true})"), "stream_options");
  EXPECT_EQ(refused(R"(,"tools":[{"type":"custom","custom":{}}])"), "tools[0].type");
  EXPECT_EQ(refused(R"(,"tools":[{"type":"function","function":{}}])"), "tools[0].function.name");
  EXPECT_EQ(refused(R"(,"tool_choice":"perhaps")"), "tool_choice");
  EXPECT_EQ(refused(R"(,"response_format":{"type":"grammar"})"), "response_format.type");
}

TEST(ChatRequest, BadMessages_AreNamedByTheirPath) {
  const auto field = [](std::string_view messages) {
    const auto body = read(R"({"model":"m","messages":)" + std::string(messages) + "}");
    return body ? "taken" : body.error().field;
  };
  EXPECT_EQ(field("[]"), "messages");
  EXPECT_EQ(field(R"([{"role":"system","content":"s"}])"), "messages");
  EXPECT_EQ(field(R"([{"role":"wizard","content":"s"}])"), "messages[0].role");
  EXPECT_EQ(field(R"([{"role":"user","content":""}])"), "messages[0].content");
  EXPECT_EQ(field(R"([{"role":"user","content":[{"type":"video"}]}])"), "messages[0].content[0].type");
  EXPECT_EQ(
      field(
          R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/bmp;base64,Zm9v"}}]}])"),
      "messages[0].content[0].image_url.url");
  EXPECT_EQ(field(R"([{"role":"user","content":"a"},{"role":"tool","tool_call_id":"x","content":"1"}])"),
            "messages[1].tool_call_id");
  EXPECT_EQ(
      field(
          R"([{"role":"assistant","tool_calls":[{"id":"x","function":{"name":"f"}}]},{"role":"user","content":"a"}])"),
      "messages[1].role");
  EXPECT_EQ(field(R"([{"role":"assistant","tool_calls":[{"id":"x","function":{"name":"f"}}]}])"), "messages");
}

TEST(ChatRequest, ReasoningBudget_IsRead) {
  const auto body = read(
      R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"reasoning":{"max_tokens":2000,"exclude":false}})");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->request.reasoning->mode, llm::ReasoningSettings::Mode::kEnabled);
  EXPECT_EQ(body->request.reasoning->budget_tokens, 2000);
  EXPECT_TRUE(body->ignored.empty());
}

TEST(ChatRequest, UnknownMembers_AreToldNotRefused) {
  const auto body = read(R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"new_thing":1})");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->ignored, std::vector<std::string>{"new_thing"});
}

TEST(OpenAiError, OverflowAndThrottling_AreTellApart) {
  const auto overflow =
      render_openai_error(base::Error(base::ErrorKind::kUnprocessable, "too long").with_field("messages"));
  EXPECT_EQ(overflow.status, 400);
  EXPECT_EQ(
      overflow.body,
      R"({"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})");
  const auto throttled = render_openai_error(
      base::Error(base::ErrorKind::kRateLimited, "slow").with_retry_after(std::chrono::seconds(3)));
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(throttled.headers.get("retry-after"), "3");
  EXPECT_EQ(
      throttled.body,
      R"({"error":{"message":"slow","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}})");
  EXPECT_EQ(render_openai_error(base::Error(base::ErrorKind::kInternal, "x")).headers.get("x-should-retry"),
            "false");
}

}  // namespace
}  // namespace caprock::server::openai
