#include "server/surfaces/bedrock/converse_request.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace caprock::server::bedrock {
namespace {

base::Result<llm::ChatRequest> read(const std::string& text) {
  return read_converse(boost::json::parse(text), "us.anthropic.claude", true);
}
std::string with_content(const std::string& blocks) {
  return R"({"messages":[{"role":"user","content":[)" + blocks + "]}]}";
}
template <class Block>
Block only_block(const std::string& block) {
  return std::get<Block>(read(with_content(block)).value().messages.at(0).content.at(0));
}

TEST(ConverseRequest, Conversation_IsReadWithEveryBlock) {
  const auto request = read(R"({
    "system":[{"text":"Be brief."},{"cachePoint":{"type":"default","ttl":"1h"}}],
    "messages":[
      {"role":"user","content":[{"text":"Weather?"}]},
      {"role":"assistant","content":[
        {"reasoningContent":{"reasoningText":{"text":"hm","signature":"c2ln"}}},
        {"toolUse":{"toolUseId":"t1","name":"weather","input":{"city":"Łódź"}}},
        {"toolUse":{"toolUseId":"t2","name":"clock","input":{}}}]},
      {"role":"user","content":[
        {"toolResult":{"toolUseId":"t1","content":[{"json":{"c":3}}],"status":"success"}},
        {"toolResult":{"toolUseId":"t2","content":[{"text":""}],"status":"error"}},
        {"cachePoint":{"type":"default"}}]}],
    "inferenceConfig":{"maxTokens":10,"temperature":0.5,"topP":1,"stopSequences":["."]},
    "toolConfig":{"tools":[{"toolSpec":{"name":"weather","description":"d","inputSchema":{"json":{"type":"object"}}}},
                           {"cachePoint":{"type":"default"}}],"toolChoice":{"any":{}}},
    "additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1024}},
    "requestMetadata":{"team":"a"}})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->model, "us.anthropic.claude");
  EXPECT_EQ(std::get<llm::CachePointBlock>(request->system.at(1)).ttl, "1h");
  const auto& thought = std::get<llm::ReasoningBlock>(request->messages.at(1).content.at(0));
  EXPECT_EQ(thought.text + thought.signature, "hmc2ln");
  EXPECT_EQ(std::get<llm::ToolUseBlock>(request->messages.at(1).content.at(1)).input_json,
            R"({"city":"Łódź"})");
  const auto& result = std::get<llm::ToolResultBlock>(request->messages.at(2).content.at(1));
  EXPECT_TRUE(result.is_error);
  EXPECT_EQ(request->inference.max_tokens, 10);
  EXPECT_EQ(request->tool_choice->kind, llm::ToolChoice::Kind::kAny);
  EXPECT_EQ(request->tools.size(), 2);
  EXPECT_EQ(request->additional_fields_json, R"({"thinking":{"type":"enabled","budget_tokens":1024}})");
  EXPECT_EQ(request->metadata.at(0).second, "a");
}

TEST(ConverseRequest, Media_ComesDecodedOrAsAPlace) {
  const auto image = only_block<llm::ImageBlock>(R"({"image":{"format":"png","source":{"bytes":"aGk="}}})");
  EXPECT_EQ(image.source.bytes, "hi");
  const auto document = only_block<llm::DocumentBlock>(
      R"({"document":{"format":"pdf","name":"n","source":{"s3Location":{"uri":"s3://b/k"}},"citations":{"enabled":true}}})");
  EXPECT_EQ(document.source.uri, "s3://b/k");
  EXPECT_EQ(document.citations, true);
  EXPECT_EQ(only_block<llm::ReasoningBlock>(R"({"reasoningContent":{"redactedContent":"aGk="}})").redacted,
            "aGk=");
}

struct Wrong {
  const char* body;
  const char* field;
};

TEST(ConverseRequest, EverythingWrong_NamesItsField) {
  const std::vector<Wrong> cases{
      {R"([])", ""},
      {R"({})", "messages"},
      {R"({"messages":[]})", "messages"},
      {R"({"messages":[{"role":"bot","content":[{"text":"x"}]}]})", "messages[0].role"},
      {R"({"messages":[{"role":"user","content":[]}]})", "messages[0].content"},
      {R"({"messages":[{"role":"user","content":[{"text":""}]}]})", "messages[0].content[0].text"},
      {R"({"messages":[{"role":"user","content":[{"txt":"x"}]}]})", "messages[0].content[0].txt"},
      {R"({"messages":[{"role":"user","content":[{}]}]})", "messages[0].content[0]"},
      {R"({"messages":[{"role":"user","content":[{"image":{"format":"bmp","source":{"bytes":"aGk="}}}]}]})",
       "messages[0].content[0].image.format"},
      {R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"!"}}}]}]})",
       "messages[0].content[0].image.source.bytes"},
      {R"({"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[]}}]}]})",
       "messages[0].content[0].toolResult.toolUseId"},
      {R"({"messages":[{"role":"user","content":[{"text":"x"}]}],"maxTokens":3})", "maxTokens"},
      {R"({"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"maxTokens":0}})",
       "inferenceConfig.maxTokens"},
      {R"({"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"a b","inputSchema":{"json":{}}}}]}})",
       "toolConfig.tools[0].toolSpec.name"},
      {R"({"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"tools":[]}})",
       "toolConfig.tools"}};
  for (const auto& [body, field] : cases) {
    const auto request = read(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().kind, base::ErrorKind::kInvalidArgument);
    EXPECT_EQ(request.error().field, field) << body;
  }
}

}  // namespace
}  // namespace caprock::server::bedrock
