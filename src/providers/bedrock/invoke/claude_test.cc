#include <gmock/gmock.h>

#include "providers/bedrock/invoke/testing.h"

namespace caprock::providers::bedrock::invoke {
namespace {

using testing::refused;
using testing::streamed;
using testing::whole;
using enum llm::StopReason;
using ::testing::HasSubstr;

llm::ChatRequest asked() {
  llm::ChatRequest request;
  request.model = "anthropic.claude-3-5-sonnet-20240620-v1:0";
  request.messages = {llm::text_message(llm::Role::kUser, "Hi")};
  return request;
}

std::string body(const llm::ChatRequest& request) {
  const auto made = claude().body(request);
  return made ? *made : "refused " + made.error().field + ": " + made.error().message;
}

TEST(ClaudeBody, Text_IsTheLeast) {
  EXPECT_EQ(
      body(asked()),
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]})");
}

TEST(ClaudeBody, Everything_IsAnthropics) {
  auto request = asked();
  request.system = {llm::TextBlock{"Be brief."}, llm::CachePointBlock{.ttl = "1h"}};
  request.messages[0].content = {
      llm::TextBlock{"Look"}, llm::ImageBlock{.format = "png", .source = {.bytes = "x"}},
      llm::DocumentBlock{.format = "pdf", .name = "a", .source = {.bytes = "y"}, .citations = true},
      llm::DocumentBlock{.format = "txt", .name = "b", .text = "plain", .context = "of old"},
      llm::CachePointBlock{}};
  request.messages.push_back(
      {.role = llm::Role::kAssistant,
       .content = {
           llm::ReasoningBlock{.text = "Hm", .signature = "s"},
           llm::ReasoningBlock{.text = "", .redacted = "r=="},
           llm::ToolUseBlock{.id = "t1", .name = "weather", .input_json = R"({"city":"K\u00f6ln"})"}}});
  request.messages.push_back(
      {.role = llm::Role::kUser,
       .content = {llm::ToolResultBlock{.tool_use_id = "t1",
                                        .content = {llm::TextBlock{"rain"}, llm::JsonBlock{"{\"c\":7}"}},
                                        .is_error = true}}});
  request.inference = {.max_tokens = 9000, .temperature = 1, .top_k = 5, .stop_sequences = {"END"}};
  request.tools = {llm::ToolSpec{"weather", "Tells it.", R"({"type":"object"})"}, llm::CachePointBlock{},
                   llm::SystemTool{.name = "bash", .type = "bash_20250124"}};
  request.tool_choice = llm::ToolChoice{.kind = llm::ToolChoice::Kind::kTool, .name = "weather"};
  request.reasoning =
      llm::ReasoningSettings{.mode = llm::ReasoningSettings::Mode::kEnabled, .budget_tokens = 2000};
  request.end_user = "u1";
  request.betas = {"b-1"};
  EXPECT_EQ(
      body(request),
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":9000,)"
      R"("system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral","ttl":"1h"}}],)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"Look"},)"
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"eA=="}},)"
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"eQ=="},"title":"a","citations":{"enabled":true}},)"
      R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"},"title":"b","context":"of old","cache_control":{"type":"ephemeral"}}]},)"
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"redacted_thinking","data":"r=="},)"
      R"({"type":"tool_use","id":"t1","name":"weather","input":{"city":"K\u00f6ln"}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"rain"},{"type":"text","text":"{\"c\":7}"}],"is_error":true}]}],)"
      R"("temperature":1,"stop_sequences":["END"],)"
      R"("tools":[{"name":"weather","description":"Tells it.","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}},{"type":"bash_20250124","name":"bash"}],)"
      R"("tool_choice":{"type":"tool","name":"weather"},"metadata":{"user_id":"u1"},)"
      R"("top_k":5,"thinking":{"type":"enabled","budget_tokens":2000},"anthropic_beta":["b-1"]})");
}

TEST(ClaudeBody, Choices_AndFormats) {
  auto request = asked();
  request.tools = {llm::ToolSpec{"t", "", ""}};
  request.parallel_tools = false;
  EXPECT_THAT(body(request), HasSubstr(R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"));
  request.parallel_tools.reset();
  request.tool_choice = llm::ToolChoice{.kind = llm::ToolChoice::Kind::kNone};
  EXPECT_THAT(body(request), HasSubstr(R"("tool_choice":{"type":"none"})"));
  request.response_format = llm::ResponseFormat{.schema_json = R"({"type":"object"})"};
  EXPECT_THAT(body(request),
              HasSubstr(R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})"));
}

TEST(ClaudeBody, Citations_GoBackWithTheirPlace) {
  using enum llm::Citation::Place;
  auto request = asked();
  request.messages.push_back(
      {.role = llm::Role::kAssistant,
       .content = {llm::TextBlock{
           .text = "So.",
           .citations = {
               {.place = kDocumentChar, .title = "a", .cited_text = "c", .index = 1, .start = 2, .end = 3},
               {.place = kSearchResult, .title = "t", .source = "s", .cited_text = "c", .end = 1},
               {.place = kWeb, .title = "w", .cited_text = "c", .url = "https://x", .opaque = "E"}}}}});
  EXPECT_THAT(
      body(request),
      HasSubstr(
          R"("citations":[{"type":"char_location","document_index":1,"start_char_index":2,"end_char_index":3,"document_title":"a","cited_text":"c"},)"
          R"({"type":"search_result_location","search_result_index":0,"source":"s","start_block_index":0,"end_block_index":1,"title":"t","cited_text":"c"},)"
          R"({"type":"web_search_result_location","url":"https://x","encrypted_index":"E","title":"w","cited_text":"c"}])"));
}

TEST(ClaudeBody, WhatItCannotSay_IsRefusedByName) {
  const auto with = [](llm::ContentBlock block) {
    auto request = asked();
    request.messages[0].content = {std::move(block)};
    return refused(claude(), request);
  };
  EXPECT_EQ(with(llm::VideoBlock{}), "messages[0].content[0].video");
  EXPECT_EQ(with(llm::GuardBlock{}), "messages[0].content[0].guardContent");
  EXPECT_EQ(with(llm::CachePointBlock{}), "messages[0].content[0].cachePoint");
  EXPECT_EQ(with(llm::ImageBlock{.format = "png", .source = {.bytes = "", .uri = "s3://b/k"}}),
            "messages[0].content[0].image.source");
  EXPECT_EQ(with(llm::DocumentBlock{.format = "docx", .name = "a", .source = {.bytes = "x"}}),
            "messages[0].content[0].document.format");
  EXPECT_EQ(with(llm::ReasoningBlock{.text = "unsigned"}),
            "messages[0].content[0].reasoningContent.reasoningText.signature");
  auto request = asked();
  request.inference.seed = 1;
  EXPECT_EQ(refused(claude(), request), "seed");
  request = asked();
  request.additional_fields_json = R"({"max_tokens":1})";
  EXPECT_EQ(refused(claude(), request), "additionalModelRequestFields.max_tokens");
  request.additional_fields_json = R"({"context_management":{}})";
  EXPECT_THAT(body(request), HasSubstr(R"(,"context_management":{}})"));
}

TEST(ClaudeReply, Whole_HasEveryBlock) {
  const auto reply = whole(
      claude(),
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[)"
      R"({"type":"thinking","thinking":"Hm","signature":"s"},{"type":"redacted_thinking","data":"r"},)"
      R"({"type":"text","text":"So.","citations":[{"type":"page_location","cited_text":"c","document_index":1,"document_title":"d","start_page_number":2,"end_page_number":3}]},)"
      R"({"type":"tool_use","id":"t1","name":"weather","input":{"city":"x"}}],"stop_reason":"tool_use","stop_sequence":null,)"
      R"("usage":{"input_tokens":3,"output_tokens":4,"cache_read_input_tokens":5,"cache_creation_input_tokens":6,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":4}}})");
  ASSERT_EQ(reply.message.content.size(), 4U);
  EXPECT_EQ(std::get<llm::ReasoningBlock>(reply.message.content[0]).signature, "s");
  EXPECT_EQ(std::get<llm::ReasoningBlock>(reply.message.content[1]).redacted, "r");
  const auto& text = std::get<llm::TextBlock>(reply.message.content[2]);
  ASSERT_EQ(text.citations.size(), 1U);
  EXPECT_EQ(text.citations[0].place, llm::Citation::Place::kDocumentPage);
  EXPECT_EQ(text.citations[0].title, "d");
  EXPECT_EQ(text.citations[0].start, 2);
  EXPECT_EQ(std::get<llm::ToolUseBlock>(reply.message.content[3]).input_json, R"({"city":"x"})");
  EXPECT_EQ(reply.stop.reason, kToolUse);
  const llm::Usage& usage = reply.metadata.usage;
  EXPECT_EQ(usage.input_tokens, 3);
  EXPECT_EQ(usage.output_tokens, 4);
  EXPECT_EQ(usage.cache_read_tokens, 5);
  EXPECT_EQ(usage.cache_write_tokens, 6);
  EXPECT_EQ(usage.cache_write_1h_tokens, 4);
  EXPECT_EQ(reply.metadata.model, "claude-x");
}

const std::vector<std::string> kEvents{
    R"({"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":3,"output_tokens":1,"cache_read_input_tokens":5}}})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}})",
    R"({"type":"content_block_stop","index":0})",
    R"({"type":"ping"})",
    R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"So."}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"c","document_index":0,"start_char_index":1,"end_char_index":2}}})",
    R"({"type":"content_block_stop","index":1})",
    R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"weather","input":{}}})",
    R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}})",
    R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"\"x\"}"}})",
    R"({"type":"content_block_stop","index":2})",
    R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}})",
    R"({"type":"message_stop"})"};

TEST(ClaudeReply, Stream_IsTheSame) {
  const auto reply = streamed(claude(), kEvents);
  ASSERT_EQ(reply.message.content.size(), 3U);
  EXPECT_EQ(std::get<llm::ReasoningBlock>(reply.message.content[0]).text, "Hm");
  EXPECT_EQ(std::get<llm::ReasoningBlock>(reply.message.content[0]).signature, "s");
  EXPECT_EQ(std::get<llm::TextBlock>(reply.message.content[1]).citations.size(), 1U);
  EXPECT_EQ(std::get<llm::ToolUseBlock>(reply.message.content[2]).input_json, R"({"city":"x"})");
  EXPECT_EQ(reply.stop.reason, kToolUse);
  EXPECT_EQ(reply.metadata.usage.input_tokens, 3);  // Anthropic's own figures, which know the cache
  EXPECT_EQ(reply.metadata.usage.cache_read_tokens, 5);
  EXPECT_EQ(reply.metadata.usage.output_tokens, 9);
  EXPECT_EQ(reply.metadata.latency_ms, 42);
}

TEST(ClaudeReply, NoEnd_ThatTheModelDidNotSend) {
  for (std::size_t kept = 0; kept < kEvents.size(); ++kept) {
    const std::string bytes =
        testing::stream_of({kEvents.begin(), kEvents.begin() + static_cast<long>(kept)}, false);
    const auto seen = testing::decode(claude(), bytes, 64);
    ASSERT_FALSE(seen.end) << kept;
    EXPECT_EQ(seen.end.error().cause, base::ErrorCause::kBrokenOff);
    for (const llm::StreamEvent& event : seen.events)
      EXPECT_FALSE(std::holds_alternative<llm::MessageStop>(event)) << kept;
  }
}

TEST(ClaudeReply, Stops_AreAnthropics) {
  const auto stop = [](const std::string& reason) {
    return whole(claude(),
                 R"({"content":[],"stop_reason":")" + reason + R"(","stop_sequence":"END","usage":{}})")
        .stop;
  };
  EXPECT_EQ(stop("end_turn").reason, kEndTurn);
  EXPECT_EQ(stop("max_tokens").reason, kMaxTokens);
  EXPECT_EQ(stop("stop_sequence").stop_sequence, "END");
  EXPECT_EQ(stop("pause_turn").reason, kPauseTurn);
  EXPECT_EQ(stop("refusal").reason, kRefusal);
  EXPECT_EQ(stop("model_context_window_exceeded").reason, kContextWindowExceeded);
  const auto unknown = read_invoked({}, claude(), false, R"({"content":[],"stop_reason":"tired"})", {});
  EXPECT_EQ(unknown.error().kind, base::ErrorKind::kUpstream);
  EXPECT_FALSE(
      read_invoked({}, claude(), false, R"({"content":[{"type":"hologram"}],"stop_reason":"end_turn"})", {}));
}

TEST(ClaudeReply, ReportedErrors_AreTold) {
  const auto seen = testing::decode(
      claude(),
      testing::stream_of(
          {kEvents[0], R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"},
          false),
      9);
  EXPECT_EQ(seen.end.error().kind, base::ErrorKind::kUnavailable);
  EXPECT_EQ(seen.end.error().cause, base::ErrorCause::kServiceBusy);
  EXPECT_EQ(seen.events.size(), 1U);
}

}  // namespace
}  // namespace caprock::providers::bedrock::invoke
