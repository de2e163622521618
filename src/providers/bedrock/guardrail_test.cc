#include "providers/bedrock/guardrail.h"

#include <gmock/gmock.h>

#include <future>

#include "providers/bedrock/testing.h"
#include "providers/bedrock/token_counter.h"

namespace caprock::providers::bedrock {
namespace {

using net::testing::ScriptedServer;
using testing::answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Peer;

llm::GuardrailRequest asked() {
  return {.id = "abc123",
          .version = "1",
          .source = llm::GuardrailRequest::Source::kOutput,
          .content = {{.text = "Is it so?", .qualifiers = {"query"}},
                      {.text = {}, .image = llm::ImageBlock{.format = "png", .source = {.bytes = "x"}}}},
          .output_scope = "FULL"};
}

TEST(BedrockGuardrail, Body_IsApplyGuardrails) {
  EXPECT_EQ(
      *guardrail_body(asked()),
      R"({"source":"OUTPUT","content":[{"text":{"text":"Is it so?","qualifiers":["query"]}},{"image":{"format":"png","source":{"bytes":"eA=="}}}],"outputScope":"FULL"})");
  auto linked = asked();
  linked.content[1].image->source.uri = "https://x/y.png";
  EXPECT_EQ(guardrail_body(linked).error().field, "content[1].image");
}

TEST(BedrockGuardrail, Reply_KeepsAssessmentsAsTheyCame) {
  const auto reply = read_guardrail_reply(
      R"({"action":"GUARDRAIL_INTERVENED","actionReason":"why","outputs":[{"text":"No."}],"assessments":[{"wordPolicy":{"customWords":[]}}],"usage":{"wordPolicyUnits":1},"guardrailCoverage":{"textCharacters":{"guarded":3,"total":3}}})");
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->intervened);
  EXPECT_EQ(reply->action_reason, "why");
  EXPECT_THAT(reply->outputs, ElementsAre("No."));
  EXPECT_EQ(reply->assessments_json, R"([{"wordPolicy":{"customWords":[]}}])");
  EXPECT_EQ(reply->usage_json, R"({"wordPolicyUnits":1})");
  EXPECT_EQ(reply->coverage_json, R"({"textCharacters":{"guarded":3,"total":3}})");
  for (const char* body : {"", "[]", "{}", R"({"action":"SOMETHING_NEW"})"})
    EXPECT_FALSE(read_guardrail_reply(body)) << body;
}

TEST(BedrockGuardrail, Call_GoesToItsVersion) {
  std::promise<std::string> seen;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
    seen.set_value(request);
    return answer(R"({"action":"NONE","outputs":[],"assessments":[],"usage":{}})");
  }));
  BedrockGuardrail guardrail(peer.caller);
  const base::RequestContext context;
  llm::GuardrailRequest request = asked();
  request.id = "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc";
  const auto reply = peer.run(guardrail.apply(context, std::move(request)));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_FALSE(reply->intervened);
  EXPECT_THAT(
      seen.get_future().get(),
      HasSubstr(
          "/guardrail/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aguardrail%2Fabc/version/1/apply"));
}

base::Result<llm::TokenCount> counted(const std::string& reply, const std::string& status,
                                      const std::string& model, std::string& request) {
  std::promise<std::string> seen;
  Peer peer(ScriptedServer::answering([&](const std::string& text) {
    seen.set_value(text);
    return answer(reply, status, "x-amzn-errortype: ValidationException\r\n");
  }));
  BedrockTokenCounter counter(peer.caller);
  const base::RequestContext context;
  llm::ChatRequest asked_for;
  asked_for.model = model;
  asked_for.messages = {llm::text_message(llm::Role::kUser, "Hi there")};
  asked_for.system = {llm::TextBlock{"Be brief."}};
  asked_for.inference.max_tokens = 5;  // not part of what is counted
  auto count = peer.run(counter.count(context, std::move(asked_for)));
  request = seen.get_future().get();
  return count;
}

TEST(BedrockTokenCounter, Count_IsBedrocksOfTheModelItself) {
  std::string request;
  const auto count =
      counted(R"({"inputTokens":12})", "200 OK", "us.anthropic.claude-sonnet-4-20250514-v1:0", request);
  ASSERT_TRUE(count);
  EXPECT_EQ(count->input_tokens, 12);
  EXPECT_FALSE(count->estimated);
  EXPECT_THAT(request, HasSubstr("POST /model/anthropic.claude-sonnet-4-20250514-v1%3A0/count-tokens "));
  EXPECT_THAT(
      request,
      HasSubstr(
          R"({"input":{"converse":{"system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"Hi there"}]}]}}})"));
}

TEST(BedrockTokenCounter, ModelThatIsNotCounted_IsEstimated) {
  std::string request;
  const auto count = counted(R"({"message":"The provided model doesn't support counting tokens."})",
                             "400 Bad Request", "meta.llama3-70b-instruct-v1:0", request);
  ASSERT_TRUE(count);
  EXPECT_TRUE(count->estimated);
  EXPECT_EQ(count->input_tokens, 2 + 4 + 3);
  EXPECT_FALSE(counted(R"({"message":"no"})", "400 Bad Request", "x", request));
  EXPECT_FALSE(counted(R"({"inputTokens":"many"})", "200 OK", "x", request));
}

}  // namespace
}  // namespace caprock::providers::bedrock
