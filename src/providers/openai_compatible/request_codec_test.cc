#include "providers/openai_compatible/request_codec.h"

#include <gtest/gtest.h>

namespace caprock::providers::openai {
namespace {

using llm::Message;
using llm::Role;
using llm::TextBlock;

const Dialect& dialect(std::string_view name) { return *dialect_named(name); }

llm::ChatRequest ask(std::vector<llm::ContentBlock> content) {
  llm::ChatRequest request;
  request.messages = {Message{Role::kUser, std::move(content)}};
  request.stream = false;
  return request;
}

std::string encoded(const llm::ChatRequest& request, std::string_view name = "openai") {
  const auto body = encode_request(dialect(name), "m", request);
  return body ? *body : "refused: " + body.error().field;
}

TEST(RequestCodec, PlainQuestion_HasOnlyWhatWasSet) {
  auto request = ask({TextBlock{"Hi"}});
  request.system = {TextBlock{"Be brief."}};
  EXPECT_EQ(
      encoded(request),
      R"({"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]})");
  request.stream = true;
  EXPECT_EQ(
      encoded(request),
      R"({"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],)"
      R"("stream":true,"stream_options":{"include_usage":true}})");
}

TEST(RequestCodec, Inference_TakesTheNamesOfTheDialect) {
  auto request = ask({TextBlock{"Hi"}});
  request.inference = {
      .max_tokens = 9, .temperature = 0.5, .top_p = 0.9, .stop_sequences = {"a", "b"}, .seed = 7};
  EXPECT_EQ(encoded(request),
            R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"max_completion_tokens":9,)"
            R"("temperature":0.5,"top_p":0.9,"seed":7,"stop":["a","b"]})");
  request.inference = {.max_tokens = 9, .top_k = 40};
  EXPECT_EQ(encoded(request), "refused: top_k");
  EXPECT_EQ(encoded(request, "vllm"),
            R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":9,"top_k":40})");
}

TEST(RequestCodec, ToolRound_KeepsIdsAndOrder) {
  auto request = ask({TextBlock{"Add and multiply"}});
  request.tools = {llm::ToolSpec{"add", "Adds", R"({"type":"object"})", true}};
  request.tool_choice = llm::ToolChoice{.kind = llm::ToolChoice::Kind::kTool, .name = "add"};
  request.parallel_tools = false;
  request.messages.push_back({Role::kAssistant,
                              {TextBlock{"I shall."}, llm::ToolUseBlock{"c1", "add", R"({"a":1})"},
                               llm::ToolUseBlock{"c2", "mul", ""}}});
  request.messages.push_back({Role::kUser,
                              {llm::ToolResultBlock{"c1", {llm::JsonBlock{"3"}}},
                               llm::ToolResultBlock{"c2", {TextBlock{"no"}}, true}, TextBlock{"Well?"}}});
  EXPECT_EQ(
      encoded(request),
      R"({"model":"m","messages":[{"role":"user","content":"Add and multiply"},{"role":"assistant",)"
      R"("content":"I shall.","tool_calls":[{"id":"c1","type":"function","function":{"name":"add",)"
      R"("arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"mul","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"3"},{"role":"tool","tool_call_id":"c2",)"
      R"("content":"Error: no"},{"role":"user","content":"Well?"}],"tools":[{"type":"function","function":)"
      R"({"name":"add","description":"Adds","parameters":{"type":"object"},"strict":true}}],"tool_choice":)"
      R"({"type":"function","function":{"name":"add"}},"parallel_tool_calls":false})");
}

TEST(RequestCodec, ImagesAndFiles_AreParts) {
  auto request = ask({TextBlock{"What?"}, llm::ImageBlock{"png", {.bytes = "foo"}, "low"},
                      llm::ImageBlock{"", {.bytes = "", .uri = "https://x/y.png"}},
                      llm::DocumentBlock{.format = "pdf", .name = "a.pdf", .source = {.bytes = "foo"}}});
  EXPECT_EQ(encoded(request),
            R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"What?"},)"
            R"({"type":"image_url","image_url":{"url":"data:image/png;base64,Zm9v","detail":"low"}},)"
            R"({"type":"image_url","image_url":{"url":"https://x/y.png"}},{"type":"file","file":)"
            R"({"filename":"a.pdf","file_data":"data:application/pdf;base64,Zm9v"}}]}]})");
  EXPECT_EQ(encoded(request, "ollama"), "refused: messages[0].content[3].document");
}

TEST(RequestCodec, SchemaEffortAndTier_AreSaid) {
  auto request = ask({TextBlock{"Hi"}});
  request.response_format =
      llm::ResponseFormat{.schema_json = R"({"type":"object"})", .name = "r", .strict = true};
  request.reasoning = llm::ReasoningSettings{.effort = "low"};
  request.service_tier = "flex";
  request.additional_fields_json = R"({"web_search_options":{}})";
  EXPECT_EQ(
      encoded(request),
      R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema",)"
      R"("json_schema":{"name":"r","schema":{"type":"object"},"strict":true}},"reasoning_effort":"low",)"
      R"("service_tier":"flex","web_search_options":{}})");
  request.additional_fields_json = R"({"model":"other"})";
  EXPECT_EQ(encoded(request), "refused: additionalModelRequestFields.model");
  request.additional_fields_json = "[]";
  EXPECT_EQ(encoded(request), "refused: additionalModelRequestFields");
}

TEST(RequestCodec, Reasoning_IsSaidAsEachServerTakesIt) {
  auto request = ask({TextBlock{"Hi"}});
  const std::string head = R"({"model":"m","messages":[{"role":"user","content":"Hi"}],)";
  using enum llm::ReasoningSettings::Mode;
  request.reasoning = llm::ReasoningSettings{.mode = kEnabled, .budget_tokens = 2000};
  EXPECT_EQ(encoded(request, "openrouter"), head + R"("reasoning":{"enabled":true,"max_tokens":2000}})");
  EXPECT_EQ(encoded(request, "openai"), "refused: thinking.budget_tokens");
  request.reasoning = llm::ReasoningSettings{.mode = kDisabled};
  EXPECT_EQ(encoded(request, "openai"), head + R"("reasoning_effort":"none"})");
  EXPECT_EQ(encoded(request, "vllm"), head + R"("chat_template_kwargs":{"enable_thinking":false}})");
  request.reasoning = llm::ReasoningSettings{.effort = "high"};
  EXPECT_EQ(encoded(request, "vllm"), head + R"("reasoning_effort":"high"})");
  EXPECT_EQ(encoded(request, "llamacpp"), head + R"("chat_template_kwargs":{"reasoning_effort":"high"}})");
}

TEST(RequestCodec, EarlierThoughts_GoBackUnchangedOrAreRefused) {
  auto request = ask({TextBlock{"Hi"}});
  request.messages.push_back(
      {Role::kAssistant,
       {llm::ReasoningBlock{.text = "hm", .signature = "c2ln", .format = "anthropic-claude-v1"},
        llm::ReasoningBlock{.text = "", .redacted = "ZW5j"}, TextBlock{"Hello"}}});
  EXPECT_EQ(
      encoded(request, "openrouter"),
      R"({"model":"m","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello",)"
      R"("reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"c2ln",)"
      R"("format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"ZW5j","index":1}]}]})");
  EXPECT_EQ(encoded(request, "openai"), "refused: messages[1].content[0].reasoningContent");
  EXPECT_EQ(encoded(request, "vllm"),
            "refused: messages[1].content[0].reasoningContent.reasoningText.signature");
  request.messages[1].content = {llm::ReasoningBlock{"hm"}, TextBlock{"Hello"}};
  EXPECT_EQ(
      encoded(request, "vllm"),
      R"({"model":"m","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello",)"
      R"("reasoning_content":"hm"}]})");
}

TEST(RequestCodec, CachePoint_MarksThePartBeforeIt) {
  auto request = ask({TextBlock{"long"}, llm::CachePointBlock{"1h"}, TextBlock{"Hi"}});
  EXPECT_EQ(encoded(request, "openrouter"),
            R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"long",)"
            R"("cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"Hi"}]}]})");
  EXPECT_EQ(encoded(request, "openai"), "refused: messages[0].content[1].cachePoint");
}

TEST(RequestCodec, WhatThereAreNoWordsFor_IsRefusedByName) {
  const auto refused = [](auto change) {
    auto request = ask({TextBlock{"Hi"}});
    change(request);
    return encoded(request);
  };
  EXPECT_EQ(refused([](auto& r) { r.guardrail = llm::GuardrailSettings{"g", "1"}; }),
            "refused: guardrailConfig");
  EXPECT_EQ(refused([](auto& r) { r.latency = "optimized"; }), "refused: performanceConfig");
  EXPECT_EQ(refused([](auto& r) { r.metadata = {{"a", "b"}}; }), "refused: requestMetadata");
  EXPECT_EQ(refused([](auto& r) { r.tools = {llm::SystemTool{"nova_grounding"}}; }),
            "refused: toolConfig.tools[0].systemTool");
  EXPECT_EQ(refused([](auto& r) { r.messages[0].content = {llm::ImageBlock{"png", {"", "s3://b/k"}}}; }),
            "refused: messages[0].content[0].image.source.s3Location");
  EXPECT_EQ(refused([](auto& r) { r.messages[0].content = {llm::GuardBlock{"g"}}; }),
            "refused: messages[0].content[0].guardContent");
  EXPECT_EQ(refused([](auto& r) {
              r.messages[0].content = {llm::ToolResultBlock{"t", {llm::ImageBlock{"png", {"x"}}}}};
            }),
            "refused: messages[0].content[0].toolResult.content[0]");
  EXPECT_EQ(refused([](auto& r) { r.messages.clear(); }), "refused: messages");
  EXPECT_EQ(refused([](auto& r) { r.messages[0].content.clear(); }), "refused: messages[0].content");
}

}  // namespace
}  // namespace caprock::providers::openai
