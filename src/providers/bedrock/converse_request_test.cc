#include "providers/bedrock/converse_request.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace caprock::providers::bedrock {
namespace {

namespace json = boost::json;

constexpr const char* kClaude = "us.anthropic.claude-sonnet-4-20250514-v1:0";

llm::ChatRequest asked(std::vector<llm::ContentBlock> content = {llm::TextBlock{"hi"}},
                       const char* model = kClaude) {
  return {.model = model, .messages = {{.role = llm::Role::kUser, .content = std::move(content)}}};
}

std::string body(const llm::ChatRequest& request) {
  auto made = converse_body(request);
  if (!made) return made.error().field + ": " + made.error().message;
  EXPECT_NO_THROW((void)json::parse(*made)) << *made;
  return *made;
}

std::string refused(const llm::ChatRequest& request) {
  const auto made = converse_body(request);
  if (made) return "not refused: " + *made;
  EXPECT_EQ(made.error().kind, base::ErrorKind::kInvalidArgument);
  return made.error().field;
}

TEST(ConverseBody, PlainQuestion_IsOnlyWhatWasSaid) {
  EXPECT_EQ(body(asked()), R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})");
}

TEST(ConverseBody, EverySetting_StandsWhereConverseHasIt) {
  auto request = asked();
  request.system = {llm::TextBlock{"Be \"brief\"\n"}, llm::CachePointBlock{"1h"}};
  request.inference = {
      .max_tokens = 16, .temperature = 0.5, .top_p = 1, .top_k = 40, .stop_sequences = {"END"}};
  request.guardrail = {.id = "g", .version = "1", .trace = "enabled", .stream_processing = "async"};
  request.service_tier = "flex";
  request.latency = "optimized";
  request.metadata = {{"team \"a\"", "b"}};
  request.end_user = "u-1";
  request.additional_response_fields = {"/stop_sequence"};
  request.prompt_variables = {{"name", "value"}};
  EXPECT_EQ(
      body(request),
      R"({"system":[{"text":"Be \"brief\"\n"},{"cachePoint":{"type":"default","ttl":"1h"}}],)"
      R"("messages":[{"role":"user","content":[{"text":"hi"}]}],)"
      R"("inferenceConfig":{"maxTokens":16,"temperature":0.5,"topP":1,"stopSequences":["END"]},)"
      R"("additionalModelRequestFields":{"top_k":40},)"
      R"("guardrailConfig":{"guardrailIdentifier":"g","guardrailVersion":"1","trace":"enabled","streamProcessingMode":"async"},)"
      R"("promptVariables":{"name":{"text":"value"}},"additionalModelResponseFieldPaths":["/stop_sequence"],)"
      R"("requestMetadata":{"team \"a\"":"b","end_user":"u-1"},"performanceConfig":{"latency":"optimized"},)"
      R"("serviceTier":{"type":"flex"}})");
}

TEST(ConverseBody, PlainCall_HasNoModeOfStreams) {
  auto request = asked();
  request.stream = false;
  request.guardrail = {.id = "g", .version = "1", .stream_processing = "async"};
  EXPECT_EQ(body(request).find("streamProcessingMode"), std::string::npos);
}

TEST(ConverseBody, Blocks_AreConverses) {
  const auto request = asked({
      llm::ImageBlock{.format = "png", .source = {.bytes = "abc"}, .detail = "auto"},
      llm::ImageBlock{.format = "jpeg",
                      .source = {.bytes = {}, .uri = "s3://b/k", .bucket_owner = "123456789012"}},
      llm::DocumentBlock{
          .format = "pdf", .name = "a  b.pdf", .source = {.bytes = "abc"}, .context = "c", .citations = true},
      llm::DocumentBlock{.format = {}, .name = "d", .text = "plain"},
      llm::DocumentBlock{.format = {}, .name = "e", .content = {"x", "y"}},
      llm::SearchResultBlock{.source = "s", .title = "t", .content = {"x"}, .citations = false},
      llm::GuardBlock{.text = "g", .qualifiers = {"query"}},
      llm::CachePointBlock{},
      llm::ToolChangeBlock{.added = false, .name = "n"},
      llm::VideoBlock{.format = "mp4", .source = {.bytes = {}, .uri = "s3://b/v"}},
  });
  EXPECT_EQ(
      body(request),
      R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"YWJj"}}},)"
      R"({"image":{"format":"jpeg","source":{"s3Location":{"uri":"s3://b/k","bucketOwner":"123456789012"}}}},)"
      R"({"document":{"format":"pdf","name":"a b-pdf","source":{"bytes":"YWJj"},"context":"c","citations":{"enabled":true}}},)"
      R"({"document":{"name":"d","source":{"text":"plain"}}},)"
      R"({"document":{"name":"e","source":{"content":[{"text":"x"},{"text":"y"}]}}},)"
      R"({"searchResult":{"source":"s","title":"t","content":[{"text":"x"}],"citations":{"enabled":false}}},)"
      R"({"guardContent":{"text":{"text":"g","qualifiers":["query"]}}},)"
      R"({"cachePoint":{"type":"default"}},{"toolRemoval":{"tool":{"name":"n"}}},)"
      R"({"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://b/v"}}}}]}]})");
}

TEST(ConverseBody, ToolTurn_KeepsIdsArgumentsAndSignatures) {
  llm::ChatRequest request = asked({llm::TextBlock{"weather?"}});
  request.messages.push_back(
      {.role = llm::Role::kAssistant,
       .content = {llm::ReasoningBlock{.text = "hm", .signature = "c2ln"},
                   llm::ReasoningBlock{.text = {}, .redacted = "cmVk"},
                   llm::ToolUseBlock{.id = "t1", .name = "weather", .input_json = R"({"x": 1.50})"},
                   llm::ToolUseBlock{.id = "t2", .name = "time", .input_json = ""}}});
  request.messages.push_back(
      {.role = llm::Role::kUser,
       .content = {llm::ToolResultBlock{.tool_use_id = "t1", .content = {llm::JsonBlock{R"({"c":7})"}}},
                   llm::ToolResultBlock{.tool_use_id = "t2",
                                        .content = {llm::TextBlock{"none"}, llm::JsonBlock{"5"}},
                                        .is_error = true}}});
  request.tools = {
      llm::ToolSpec{
          .name = "weather", .description = "d", .input_schema_json = R"({"type":"object"})", .strict = true},
      llm::CachePointBlock{}, llm::SystemTool{.name = "nova_grounding"},
      llm::ToolSpec{.name = "time", .description = {}, .input_schema_json = {}}};
  request.tool_choice = {.kind = llm::ToolChoice::Kind::kTool, .name = "time"};
  request.parallel_tools = false;
  EXPECT_EQ(
      body(request),
      R"({"messages":[{"role":"user","content":[{"text":"weather?"}]},{"role":"assistant","content":[)"
      R"({"reasoningContent":{"reasoningText":{"text":"hm","signature":"c2ln"}}},{"reasoningContent":{"redactedContent":"cmVk"}},)"
      R"({"toolUse":{"toolUseId":"t1","name":"weather","input":{"x": 1.50}}},{"toolUse":{"toolUseId":"t2","name":"time","input":{}}}]},)"
      R"({"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"json":{"c":7}}]}},)"
      R"({"toolResult":{"toolUseId":"t2","content":[{"text":"none"},{"text":"5"}],"status":"error"}}]}],)"
      R"("toolConfig":{"tools":[{"toolSpec":{"name":"weather","description":"d","inputSchema":{"json":{"type":"object"}},"strict":true}},)"
      R"({"cachePoint":{"type":"default"}},{"systemTool":{"name":"nova_grounding"}},{"toolSpec":{"name":"time","inputSchema":{"json":{"type":"object"}}}}],)"
      R"("toolChoice":{"tool":{"name":"time"}}},)"
      R"("additionalModelRequestFields":{"tool_choice":{"type":"tool","name":"time","disable_parallel_tool_use":true}}})");
}

TEST(ConverseBody, Thinking_IsSaidAsTheFamilyHasIt) {
  using enum llm::ReasoningSettings::Mode;
  auto request = asked();
  request.reasoning = {.mode = kEnabled, .effort = "high", .budget_tokens = 2048};
  request.additional_fields_json = R"( {"anthropic_beta": ["x"], "n": 1.0} )";
  EXPECT_NE(
      body(request).find(
          R"("outputConfig":{"effort":"high"},"additionalModelRequestFields": {"anthropic_beta": ["x"], "n": 1.0,"thinking":{"type":"enabled","budget_tokens":2048}})"),
      std::string::npos)
      << body(request);
  request = asked({llm::TextBlock{"x"}}, "amazon.nova-2-lite-v1:0");
  request.reasoning = {.effort = "low"};
  EXPECT_NE(body(request).find(R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"}})"),
            std::string::npos);
  request.model = "openai.gpt-oss-120b-1:0";
  EXPECT_NE(body(request).find(R"({"reasoning_effort":"low"})"), std::string::npos);
  request.model = "meta.llama3-70b-instruct-v1:0";
  EXPECT_EQ(refused(request), "reasoning_effort");
  request = asked();
  request.reasoning = {.mode = kEnabled};
  EXPECT_EQ(refused(request), "thinking.budget_tokens");
}

TEST(ConverseBody, WhatOnlyClaudeHas_IsAskedOfClaudeAlone) {
  auto request = asked();
  request.betas = {"interleaved-thinking-2025-05-14"};
  request.inference.stop_sequences = {"END"};
  EXPECT_EQ(
      body(request),
      R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"stopSequences":["END"]},)"
      R"("additionalModelRequestFields":{"anthropic_beta":["interleaved-thinking-2025-05-14"]},)"
      R"("additionalModelResponseFieldPaths":["/stop_sequence"]})");
  request.model = "meta.llama3-70b-instruct-v1:0";
  EXPECT_EQ(
      body(request),
      R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"stopSequences":["END"]}})");
}

TEST(ConverseBody, Schema_IsSentWhenItBindsAndLeftOutWhenItIsAWish) {
  auto request = asked();
  request.response_format = llm::ResponseFormat{.schema_json = R"({"type":"object"})", .name = "n"};
  EXPECT_NE(
      body(request).find(
          R"("outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"n"}}}})"),
      std::string::npos);
  request.response_format->binding = false;
  EXPECT_EQ(body(request).find("outputConfig"), std::string::npos);
  request.response_format = llm::ResponseFormat{.kind = llm::ResponseFormat::Kind::kJsonObject};
  EXPECT_EQ(refused(request), "response_format.type");
}

TEST(ConverseBody, NoTools_IsSaidByOfferingNone) {
  auto request = asked();
  request.tools = {llm::ToolSpec{.name = "f", .description = {}, .input_schema_json = {}}};
  request.tool_choice = {.kind = llm::ToolChoice::Kind::kNone};
  EXPECT_EQ(body(request).find("toolConfig"), std::string::npos);
  request.messages.push_back({.role = llm::Role::kAssistant, .content = {llm::ToolUseBlock{"t", "f", "{}"}}});
  EXPECT_EQ(refused(request), "tool_choice");
}

TEST(ConverseBody, FirstWordsOfTheSystem_StandInItsPlace) {
  auto request = asked();
  request.messages.insert(request.messages.begin(), llm::text_message(llm::Role::kSystem, "first"));
  request.messages.push_back(llm::text_message(llm::Role::kSystem, "later"));
  EXPECT_EQ(
      body(request),
      R"({"system":[{"text":"first"}],"messages":[{"role":"user","content":[{"text":"hi"}]},{"role":"system","content":[{"text":"later"}]}]})");
}

TEST(ConverseBody, Citations_ComeBackAsTheyWere) {
  auto request = asked();
  request.messages.push_back(
      {.role = llm::Role::kAssistant,
       .content = {llm::TextBlock{.text = "so",
                                  .citations = {{.place = llm::Citation::Place::kDocumentPage,
                                                 .title = "t",
                                                 .source = "s",
                                                 .cited_text = "c",
                                                 .index = 1,
                                                 .start = 2,
                                                 .end = 3}}}}});
  EXPECT_NE(
      body(request).find(
          R"({"citationsContent":{"content":[{"text":"so"}],"citations":[{"title":"t","source":"s","sourceContent":[{"text":"c"}],"location":{"documentPage":{"documentIndex":1,"start":2,"end":3}}}]}})"),
      std::string::npos);
}

TEST(ConverseBody, WhatConverseLacks_IsRefusedByName) {
  const auto with = [](auto change) {
    auto request = asked();
    change(request);
    return refused(request);
  };
  EXPECT_EQ(with([](auto& r) { r.inference.seed = 1; }), "seed");
  EXPECT_EQ(with([](auto& r) { r.inference.frequency_penalty = 1; }), "frequency_penalty");
  EXPECT_EQ(with([](auto& r) { r.inference.presence_penalty = 1; }), "presence_penalty");
  EXPECT_EQ(with([](auto& r) { r.inference.logit_bias = {{"1", 1}}; }), "logit_bias");
  EXPECT_EQ(with([](auto& r) { r.verbosity = "low"; }), "verbosity");
  EXPECT_EQ(with([](auto& r) { r.cache_key = "k"; }), "prompt_cache_key");
  EXPECT_EQ(with([](auto& r) { r.messages[0].name = "n"; }), "messages[0].name");
  EXPECT_EQ(with([](auto& r) { r.model = "meta.llama3-70b-instruct-v1:0", r.inference.top_k = 3; }), "top_k");
  EXPECT_EQ(with([](auto& r) { r.model = "amazon.nova-lite-v1:0", r.parallel_tools = false; }),
            "parallel_tool_calls");
  EXPECT_EQ(with([](auto& r) {
              r.messages[0].content = {llm::ImageBlock{"png", {.bytes = {}, .uri = "https://x/y.png"}}};
            }),
            "messages[0].content[0].image.source.url");
  EXPECT_EQ(with([](auto& r) { r.messages[0].content = {llm::ImageBlock{"png", {.bytes = "x"}, "high"}}; }),
            "messages[0].content[0].image.detail");
  EXPECT_EQ(with([](auto& r) { r.messages[0].content = {llm::RefusalBlock{"no"}}; }),
            "messages[0].content[0].refusal");
  EXPECT_EQ(with([](auto& r) { r.messages[0].content = {llm::ToolUseBlock{"t", "f", "[1]"}}; }),
            "messages[0].content[0].toolUse.input");
  EXPECT_EQ(with([](auto& r) { r.system = {llm::ImageBlock{"png", {.bytes = "x"}}}; }), "system[0].image");
  EXPECT_EQ(with([](auto& r) { r.tools = {llm::SystemTool{.name = "w", .type = "web_search_20250305"}}; }),
            "toolConfig.tools[0].type");
  EXPECT_EQ(with([](auto& r) { r.tools = {llm::ToolSpec{"f", "", "3"}}; }),
            "toolConfig.tools[0].toolSpec.inputSchema.json");
  EXPECT_EQ(with([](auto& r) { r.additional_fields_json = "7"; }), "additionalModelRequestFields");
  EXPECT_EQ(with([](auto& r) { r.inference.top_k = 1, r.additional_fields_json = R"({"top_k":2})"; }),
            "additionalModelRequestFields.top_k");
}

TEST(ConverseBody, MalformedUtf8_IsRepaired) {
  EXPECT_EQ(body(asked({llm::TextBlock{"a\xff\x01z"}})),
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\xEF\xBF\xBD\\u0001z\"}]}]}");
}

}  // namespace
}  // namespace caprock::providers::bedrock
