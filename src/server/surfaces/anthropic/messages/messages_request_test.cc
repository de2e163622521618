#include "server/surfaces/anthropic/messages/messages_request.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "base/json/json_text.h"
#include "server/surfaces/anthropic/messages/betas.h"

namespace caprock::server::anthropic {
namespace {

base::Result<MessagesBody> read(std::string_view text, Door door = Door::kMessages) {
  return read_messages_body(base::parse_json(text).value(), door);
}

/// The field that is refused when `more` stands beside a right request.
std::string refused(std::string_view more, std::string_view content = R"("Hi")") {
  const auto body = read(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":)" +
                         std::string(content) + "}]" + std::string(more) + "}");
  return body ? "taken" : body.error().field;
}

TEST(MessagesRequest, EveryBlock_KeepsWhatItHolds) {
  const auto body = read(
      R"({"model":"m","max_tokens":9,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral","ttl":"1h"}}],)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"Look","cache_control":{"type":"ephemeral"}},)"
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"aWNl"}},)"
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="},"title":"T","context":"C","citations":{"enabled":true}},)"
      R"({"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}},)"
      R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}},)"
      R"({"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"found"}]}]}]})");
  ASSERT_TRUE(body) << body.error().message;
  const auto& r = body->request;
  EXPECT_EQ(std::get<llm::CachePointBlock>(r.system.at(1)).ttl, "1h");
  const auto& blocks = r.messages.at(0).content;
  ASSERT_EQ(blocks.size(), 7U);
  EXPECT_EQ(std::get<llm::CachePointBlock>(blocks[1]).ttl, "");
  EXPECT_EQ(std::get<llm::ImageBlock>(blocks[2]).format, "png");
  EXPECT_EQ(std::get<llm::ImageBlock>(blocks[2]).source.bytes, "ice");
  const auto& pdf = std::get<llm::DocumentBlock>(blocks[3]);
  EXPECT_EQ(pdf.source.bytes + pdf.name + pdf.context, "%PDFTC");
  EXPECT_EQ(pdf.citations, true);
  EXPECT_EQ(std::get<llm::DocumentBlock>(blocks[4]).content, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(std::get<llm::DocumentBlock>(blocks[5]).text, "plain");
  EXPECT_EQ(std::get<llm::SearchResultBlock>(blocks[6]).content.at(0), "found");
  EXPECT_EQ(body->places.messages.at(0).at(1), "messages.0.content.0.cache_control");
  EXPECT_EQ(body->places.messages.at(0).at(2), "messages.0.content.1");
  EXPECT_TRUE(body->ignored.empty());
}

TEST(MessagesRequest, ToolTurn_KeepsThoughtsCallsAndResults) {
  const auto body = read(
      R"({"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Add"},{"role":"assistant","content":[)"
      R"({"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"ZGF0YQ=="},)"
      R"({"type":"tool_use","id":"a","name":"f","input":{"n":1}},{"type":"tool_use","id":"b","name":"g","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"b","content":"2","is_error":true}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"1","cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"type":"text","text":"Well?"}]}],)"
      R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true},{"type":"custom","name":"g","input_schema":{},"cache_control":{"type":"ephemeral"}},{"type":"bash_20250124","name":"bash"}],)"
      R"("tool_choice":{"type":"any","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":2048,"display":"omitted"},)"
      R"("output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}},)"
      R"("top_k":5,"stop_sequences":["END"],"metadata":{"user_id":"u"},"service_tier":"standard_only"})");
  ASSERT_TRUE(body) << body.error().message;
  const auto& r = body->request;
  ASSERT_EQ(r.messages.size(), 3U);
  EXPECT_EQ(std::get<llm::ReasoningBlock>(r.messages[1].content[0]).signature, "s");
  EXPECT_EQ(std::get<llm::ReasoningBlock>(r.messages[1].content[1]).redacted, "ZGF0YQ==");
  EXPECT_EQ(std::get<llm::ToolUseBlock>(r.messages[1].content[2]).input_json, R"({"n":1})");
  // Two messages of the user are one, and the inner cache point stands behind its result.
  ASSERT_EQ(r.messages[2].content.size(), 4U);
  EXPECT_TRUE(std::get<llm::ToolResultBlock>(r.messages[2].content[0]).is_error);
  EXPECT_EQ(std::get<llm::CachePointBlock>(r.messages[2].content[2]).ttl, "1h");
  EXPECT_EQ(body->places.messages[2][3], "messages.3.content.1");
  ASSERT_EQ(r.tools.size(), 4U);
  EXPECT_EQ(std::get<llm::ToolSpec>(r.tools[0]).strict, true);
  EXPECT_EQ(std::get<llm::SystemTool>(r.tools[3]).type, "bash_20250124");
  EXPECT_EQ(r.tool_choice->kind, llm::ToolChoice::Kind::kAny);
  EXPECT_EQ(r.parallel_tools, false);
  EXPECT_EQ(r.reasoning->mode, llm::ReasoningSettings::Mode::kEnabled);
  EXPECT_EQ(r.reasoning->budget_tokens, 2048);
  EXPECT_EQ(r.reasoning->effort + r.reasoning->summary, "highomitted");
  EXPECT_EQ(r.response_format->schema_json, R"({"type":"object"})");
  EXPECT_EQ(r.inference.top_k, 5);
  EXPECT_EQ(r.end_user + r.service_tier, "ustandard_only");
  EXPECT_TRUE(r.stream);
}

TEST(MessagesRequest, BadRequest_NamesTheField) {
  EXPECT_EQ(read(R"({"max_tokens":9,"messages":[]})").error().field, "model");
  EXPECT_EQ(read(R"({"model":"m","messages":[]})").error().field, "max_tokens");
  EXPECT_EQ(read(R"({"model":"m","max_tokens":9,"messages":[]})").error().field, "messages");
  EXPECT_EQ(
      read(R"({"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":"x"}]})").error().field,
      "messages.0.role");
  EXPECT_EQ(refused("", R"([])"), "messages.0.content");
  EXPECT_EQ(refused("", R"([{"type":"text","text":" "}])"), "messages.0.content.0.text");
  EXPECT_EQ(refused("", R"([{"type":"tool_result","tool_use_id":"x"}])"), "messages.0.content.0.tool_use_id");
  EXPECT_EQ(refused("", R"([{"type":"tool_use","id":"x","name":"f","input":{}}])"),
            "messages.0.content.0.type");
  EXPECT_EQ(
      refused("", R"([{"type":"image","source":{"type":"base64","media_type":"image/tiff","data":"aWNl"}}])"),
      "messages.0.content.0.source.media_type");
  EXPECT_EQ(
      refused("", R"([{"type":"image","source":{"type":"base64","media_type":"image/png","data":"%"}}])"),
      "messages.0.content.0.source.data");
  EXPECT_EQ(refused("", R"([{"type":"image","source":{"type":"file","file_id":"f"}}])"),
            "messages.0.content.0.source.type");
  EXPECT_EQ(refused("", R"([{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"2h"}}])"),
            "messages.0.content.0.cache_control.ttl");
  EXPECT_EQ(refused(R"(,"tools":[{"name":")" + std::string(65, 'n') + R"(","input_schema":{}}])"),
            "tools.0.name");
  EXPECT_EQ(refused(R"(,"tools":[{"name":"f"}])"), "tools.0.input_schema");
  EXPECT_EQ(refused(R"(,"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"g"})"),
            "tool_choice.name");
  EXPECT_EQ(refused(R"(,"tool_choice":{"type":"any"})"), "tool_choice");
  EXPECT_EQ(refused(R"(,"thinking":{"type":"enabled","budget_tokens":9})"), "thinking.budget_tokens");
  EXPECT_EQ(refused(R"(,"temperature":2)"), "temperature");
  EXPECT_EQ(refused(R"(,"stop_sequences":["a"," "])"), "stop_sequences.1");
}

TEST(MessagesRequest, CallWithoutResult_IsNamed) {
  const auto body = read(
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":"y"}]})");
  EXPECT_EQ(body.error().field, "messages.1.content.0");
  EXPECT_NE(body.error().message.find("for: a."), std::string::npos) << body.error().message;
}

TEST(MessagesRequest, WhatIsNotDoneHere_IsRefusedByName) {
  EXPECT_EQ(refused(R"(,"container":"c")"), "container");
  EXPECT_EQ(refused(R"(,"mcp_servers":[])"), "mcp_servers");
  EXPECT_EQ(refused(R"(,"speed":"fast")"), "speed");
  EXPECT_EQ(refused(R"(,"tools":[{"type":"web_search_20250305","name":"web_search"}])"), "tools.0.type");
  EXPECT_EQ(refused(R"(,"tools":[{"name":"f","input_schema":{},"defer_loading":true}])"),
            "tools.0.defer_loading");
  EXPECT_EQ(refused("", R"([{"type":"server_tool_use","id":"x","name":"web_search","input":{}}])"),
            "messages.0.content.0.type");
  EXPECT_EQ(refused(R"(,"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]})"),
            "context_management.edits");
  EXPECT_EQ(
      refused(
          R"(,"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},"speed":"standard","container":null)"),
      "taken");
}

TEST(MessagesRequest, WhatNobodyKnows_IsIgnoredAndNamed) {
  const auto body = read(
      R"({"model":"m","max_tokens":9,"shiny":1,"messages":[{"role":"user","content":[{"type":"text","text":"x","mark":1}]}]})");
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_EQ(body->ignored, (std::vector<std::string>{"shiny", "messages.0.content.0.mark"}));
}

TEST(MessagesRequest, CacheControlAtTheTop_StandsBehindTheLastBlock) {
  const auto body = read(
      R"({"model":"m","max_tokens":9,"cache_control":{"type":"ephemeral","ttl":"1h"},"messages":[{"role":"user","content":"x"}]})");
  ASSERT_TRUE(body);
  EXPECT_EQ(std::get<llm::CachePointBlock>(body->request.messages[0].content.at(1)).ttl, "1h");
}

TEST(MessagesRequest, OtherDoors_HaveTheirOwnDemands) {
  EXPECT_TRUE(read(R"({"model":"m","messages":[{"role":"user","content":"x"}]})", Door::kCountTokens));
  const auto invoke = read(
      R"({"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["context-1m-2025-08-07","who-knows"],"max_tokens":9,"messages":[{"role":"user","content":"x"}]})",
      Door::kInvoke);
  ASSERT_TRUE(invoke) << invoke.error().message;
  EXPECT_EQ(invoke->request.betas, std::vector<std::string>{"context-1m-2025-08-07"});
  EXPECT_EQ(invoke->ignored, std::vector<std::string>{"anthropic-beta:who-knows"});
  EXPECT_EQ(read(R"({"max_tokens":9,"messages":[]})", Door::kInvoke).error().field, "anthropic_version");
  EXPECT_EQ(read(R"({"anthropic_version":"bedrock-2023-05-31","stream":true})", Door::kInvoke).error().field,
            "stream");
}

TEST(MessagesRequest, Betas_AreSortedByWhatTheyDo) {
  llm::ChatRequest request;
  Ignored ignored;
  take_betas(
      "prompt-caching-2024-07-31, interleaved-thinking-2025-05-14,interleaved-thinking-2025-05-14,, "
      "new-thing ",
      request, ignored);
  EXPECT_EQ(request.betas, std::vector<std::string>{"interleaved-thinking-2025-05-14"});
  EXPECT_EQ(ignored, std::vector<std::string>{"anthropic-beta:new-thing"});
}

}  // namespace
}  // namespace caprock::server::anthropic
