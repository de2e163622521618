#include "server/surfaces/openai/response_request.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "server/surfaces/openai/sealed_thought.h"

namespace caprock::server::openai {
namespace {

base::Result<ResponseBody> read(std::string_view text) {
  return read_response_body(base::parse_json(text).value());
}

std::string refused(std::string_view more) {
  const auto body = read(R"({"model":"m","input":"Hi")" + std::string(more) + "}");
  return body ? "taken" : body.error().field;
}

std::string bad_input(std::string_view items) {
  const auto body = read(R"({"model":"m","input":)" + std::string(items) + "}");
  return body ? "taken" : body.error().field;
}

TEST(ResponseRequest, Text_IsAMessageOfTheUser) {
  const auto body = read(R"({"model":"m","input":"Hi","instructions":"Be brief.","store":false})");
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_EQ(std::get<llm::TextBlock>(body->request.system.at(0)).text, "Be brief.");
  ASSERT_EQ(body->request.messages.size(), 1U);
  EXPECT_EQ(llm::text_of(body->request.messages[0]), "Hi");
  EXPECT_FALSE(body->request.stream);
  EXPECT_EQ(body->echo.at("store"), false);
  EXPECT_EQ(body->echo.at("instructions"), "Be brief.");
  EXPECT_TRUE(body->echo.at("temperature").is_null());
}

TEST(ResponseRequest, ToolRound_BecomesTurns) {
  const std::string sealed = seal_thought({.text = "hm", .signature = "s"});
  const auto body = read(
      R"({"model":"m","input":[{"role":"developer","content":"Be brief."},{"role":"user","content":"Add"},)"
      R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"other"}],"encrypted_content":")" +
      sealed +
      R"("},{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Well","annotations":[]}]},)"
      R"({"type":"function_call","id":"fc_1","call_id":"a","name":"f","arguments":"{}","status":"completed"},)"
      R"({"type":"function_call","call_id":"b","name":"g","arguments":""},)"
      R"({"type":"function_call_output","call_id":"b","output":"2"},)"
      R"({"type":"function_call_output","call_id":"a","output":[{"type":"input_text","text":"1"}]},)"
      R"({"role":"user","content":"And?"}]})");
  ASSERT_TRUE(body) << body.error().message;
  const auto& r = body->request;
  EXPECT_EQ(r.system.size(), 1U);
  ASSERT_EQ(r.messages.size(), 3U);
  ASSERT_EQ(r.messages[1].content.size(), 4U);
  const auto& thought = std::get<llm::ReasoningBlock>(r.messages[1].content[0]);
  EXPECT_EQ(thought.text, "hm");
  EXPECT_EQ(thought.signature, "s");
  EXPECT_EQ(std::get<llm::ToolUseBlock>(r.messages[1].content[3]).id, "b");
  ASSERT_EQ(r.messages[2].content.size(), 3U);
  EXPECT_EQ(std::get<llm::ToolResultBlock>(r.messages[2].content[0]).tool_use_id, "b");
}

TEST(ResponseRequest, ImagesAndFiles_AreDecoded) {
  const auto body =
      read(R"({"model":"m","input":[{"role":"user","content":[)"
           R"({"type":"input_text","text":"What?","prompt_cache_breakpoint":{"mode":"explicit"}},)"
           R"({"type":"input_image","image_url":"data:image/png;base64,Zm9v","detail":"auto"},)"
           R"({"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,Zm9v"},)"
           R"({"type":"input_file","file_data":"data:text/csv;base64,Zm9v"}]}]})");
  ASSERT_TRUE(body) << body.error().message;
  const auto& content = body->request.messages.at(0).content;
  ASSERT_EQ(content.size(), 5U);
  EXPECT_TRUE(std::holds_alternative<llm::CachePointBlock>(content[1]));
  EXPECT_EQ(std::get<llm::ImageBlock>(content[2]).source.bytes, "foo");
  EXPECT_EQ(std::get<llm::DocumentBlock>(content[3]).name, "a.pdf");
  EXPECT_EQ(std::get<llm::DocumentBlock>(content[4]).format, "csv");
}

TEST(ResponseRequest, Settings_AreReadAndRepeated) {
  const auto body = read(
      R"({"model":"m","input":"Hi","max_output_tokens":9,"temperature":0.5,"parallel_tool_calls":false,)"
      R"("reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"],)"
      R"("text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true},"verbosity":"low"},)"
      R"("tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],)"
      R"("tool_choice":{"type":"function","name":"f"},"metadata":{"a":"b"},"user":"u","stream":true,"shiny":1})");
  ASSERT_TRUE(body) << body.error().message;
  const auto& r = body->request;
  EXPECT_EQ(r.inference.max_tokens, 9);
  EXPECT_EQ(r.reasoning->effort, "low");
  EXPECT_EQ(r.reasoning->summary, "");
  EXPECT_EQ(r.response_format->name, "n");
  EXPECT_EQ(r.verbosity, "low");
  EXPECT_EQ(r.tool_choice->name, "f");
  EXPECT_EQ(r.end_user, "u");
  EXPECT_TRUE(r.metadata.empty());
  EXPECT_TRUE(r.stream);
  EXPECT_EQ(body->echo.at("metadata").at("a"), "b");
  EXPECT_TRUE(body->echo.at("tools").at(0).at("strict").is_null());
  EXPECT_EQ(body->echo.at("text").at("format").at("name"), "n");
  EXPECT_EQ(body->ignored, std::vector<std::string>{"shiny"});
}

TEST(ResponseRequest, WhatIsNotDone_IsRefusedByName) {
  for (const std::string_view field : {"previous_response_id", "conversation", "prompt", "truncation"})
    EXPECT_EQ(refused(",\"" + std::string(field) + R"(":"x")"), field);
  EXPECT_EQ(refused(R"(,"store":true)"), "store");
  EXPECT_EQ(refused(R"(,"background":true)"), "background");
  EXPECT_EQ(
      refused(R"(,"store":null,"background":false,"truncation":"disabled","previous_response_id":null)"),
      "taken");
  EXPECT_EQ(refused(R"(,"tools":[{"type":"web_search"}])"), "tools[0].type");
  EXPECT_EQ(refused(R"(,"tools":[{"type":"function"}])"), "tools[0].name");
  EXPECT_EQ(refused(R"(,"tool_choice":{"type":"mcp"})"), "tool_choice.type");
  EXPECT_EQ(refused(R"(,"include":["message.output_text.logprobs"])"), "include[0]");
  EXPECT_EQ(refused(R"(,"text":{"format":{"type":"grammar"}})"), "text.format.type");
  EXPECT_EQ(refused(R"(,"max_output_tokens":0)"), "max_output_tokens");
  EXPECT_EQ(refused(R"(,"metadata":{"a":1})"), "metadata.a");
  EXPECT_EQ(refused(R"(,"stream_options":{"include_obfuscation":true})"), "stream_options");
}

TEST(ResponseRequest, BadItems_AreNamedByTheirPath) {
  EXPECT_EQ(bad_input("[]"), "input");
  EXPECT_EQ(bad_input(R"("")"), "input");
  EXPECT_EQ(bad_input("[1]"), "input[0]");
  EXPECT_EQ(bad_input(R"([{"type":"item_reference","id":"x"}])"), "input[0].type");
  EXPECT_EQ(bad_input(R"([{"type":"web_search_call"}])"), "input[0].type");
  EXPECT_EQ(bad_input(R"([{"role":"wizard","content":"a"}])"), "input[0].role");
  EXPECT_EQ(bad_input(R"([{"role":"system","content":"a"}])"), "input");
  EXPECT_EQ(bad_input(R"([{"role":"user","content":[{"type":"input_text","text":""}]}])"),
            "input[0].content[0].text");
  EXPECT_EQ(bad_input(R"([{"role":"user","content":[{"type":"input_image","file_id":"f"}]}])"),
            "input[0].content[0].file_id");
  EXPECT_EQ(bad_input(R"([{"role":"user","content":"a"},{"type":"reasoning","id":"r","summary":[]}])"),
            "input[1].encrypted_content");
  EXPECT_EQ(bad_input(R"([{"role":"user","content":"a"},{"type":"reasoning","encrypted_content":"gAAA"}])"),
            "input[1].encrypted_content");
  EXPECT_EQ(bad_input(R"([{"type":"function_call_output","call_id":"x","output":"1"}])"), "input[0].call_id");
  EXPECT_EQ(bad_input(R"([{"type":"function_call","call_id":"x","name":"f"},{"role":"user","content":"a"}])"),
            "input[1].role");
  EXPECT_EQ(bad_input(R"([{"type":"function_call","call_id":"x","name":"f"}])"), "input");
}

TEST(SealedThought, ComesBackAsItWas) {
  const llm::ReasoningBlock thought{
      .text = "ä \"q\"", .signature = "s", .redacted = "cmVk", .id = "i", .format = "f"};
  const auto again = open_thought(seal_thought(thought), "p");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->text, thought.text);
  EXPECT_EQ(again->signature, "s");
  EXPECT_EQ(again->redacted, "cmVk");
  EXPECT_EQ(again->id, "i");
  EXPECT_EQ(again->format, "f");
  EXPECT_EQ(open_thought("cprk1.e30x", "p").error().field, "p");
}

}  // namespace
}  // namespace caprock::server::openai
