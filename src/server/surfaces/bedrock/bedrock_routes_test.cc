#include "server/surfaces/bedrock/bedrock_routes.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "server/surfaces/bedrock/testing.h"

namespace caprock::server {
namespace {

namespace json = boost::json;

using testing::BedrockDoor;

constexpr const char* kHi = R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})";

class BedrockRoutesTest : public ::testing::Test {
 protected:
  LocalResponse post(std::string target, std::string body = kHi) {
    return door_.post(std::move(target), std::move(body));
  }
  void say(std::initializer_list<llm::StreamEvent> events) { door_.say(events); }
  static std::string message_of(const LocalResponse& answer) {
    return std::string(json::parse(answer.body).at("message").as_string());
  }

  BedrockDoor door_;
  testing::ScriptedModel& model_ = door_.model;
};

TEST_F(BedrockRoutesTest, Converse_GivesTheCollectedReply) {
  say({llm::ToolUseStart{.block = 0, .id = "a", .name = "f"}, llm::ToolInputDelta{0, "{\"x\":1}"},
       llm::BlockStop{0}, llm::MessageStop{llm::StopReason::kToolUse},
       llm::StreamMetadata{.usage = {.input_tokens = 1, .output_tokens = 2}, .latency_ms = 5}});
  const auto answer = post("/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/converse");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(model_.asked.model, "arn:aws:bedrock:us-east-1:1:inference-profile/us.x");
  EXPECT_FALSE(model_.asked.stream);
  EXPECT_EQ(
      answer.body,
      R"({"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{"x":1}}}]}},"stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":5}})");
  EXPECT_TRUE(answer.headers.has("x-amzn-requestid"));
}

TEST_F(BedrockRoutesTest, ArgumentsThatAreNoJson_AreAnErrorNotLost) {
  say({llm::ToolUseStart{.block = 0, .id = "a", .name = "f"}, llm::ToolInputDelta{0, "{\"x\":"},
       llm::BlockStop{0}, llm::MessageStop{llm::StopReason::kToolUse}, llm::StreamMetadata{}});
  EXPECT_EQ(post("/model/m/converse").status, 424);
}

TEST_F(BedrockRoutesTest, BadRequest_IsAValidationExceptionNamingTheField) {
  const auto answer = post("/model/m/converse", R"({"messages":[{"role":"user","content":[{"text":""}]}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "ValidationException");
  EXPECT_TRUE(message_of(answer).contains("messages[0].content[0].text"));
}

TEST_F(BedrockRoutesTest, TooLongPrompt_IsToldInTheWordsThatFrameworksKnow) {
  model_.refusal = base::Error(base::ErrorKind::kUnprocessable, "9 tokens above 8").with_field("messages");
  const auto answer = post("/model/m/converse-stream");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "ValidationException");
  EXPECT_TRUE(message_of(answer).contains("Input is too long for requested model"));
}

TEST_F(BedrockRoutesTest, ErrorBeforeTheFirstEvent_HasItsStatus) {
  model_.script.emplace_back(base::failure(
      base::Error(base::ErrorKind::kRateLimited, "slow down").with_retry_after(std::chrono::seconds(3))));
  const auto answer = post("/model/m/converse-stream");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "ThrottlingException");
  EXPECT_EQ(answer.headers.get("retry-after"), "3");
}

TEST_F(BedrockRoutesTest, StreamThatBreaks_EndsInAnExceptionAndNoEnd) {
  say({llm::TextDelta{0, "Hel"}});
  for (int round = 0; round < 2; ++round) {
    const auto answer = post("/model/m/converse-stream");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.contains("modelStreamErrorException"));
    EXPECT_FALSE(answer.body.contains("messageStop"));
    model_.script.emplace_back(base::failure(base::Error(base::ErrorKind::kUpstream, "reset")));
  }
}

}  // namespace
}  // namespace caprock::server
