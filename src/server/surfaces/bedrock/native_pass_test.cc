#include "server/surfaces/bedrock/native_pass.h"

#include <gtest/gtest.h>

#include "aws/eventstream.h"
#include "server/surfaces/bedrock/testing.h"

namespace caprock::server {
namespace {

using base::failure;
using testing::BedrockDoor;

const llm::NativeHeaders kStream{{"Content-Type", "application/vnd.amazon.eventstream"},
                                 {"x-amzn-RequestId", "theirs"}};

base::Error broken() { return {base::ErrorKind::kUpstream, "it broke off"}; }

TEST(NativePass, RequestAndReply_AreNotTouched) {
  BedrockDoor door;
  door.native.script = {.status = 200,
                        .headers = {{"Content-Type", "application/json"},
                                    {"X-Amzn-RequestId", "theirs"},
                                    {"x-amzn-bedrock-input-token-count", "3"},
                                    {"Set-Cookie", "no"},
                                    {"Connection", "close"}},
                        .pieces = {std::string(" {\"output\":"), std::string("1e0 }\n")}};
  const auto answer = door.post("/model/native%3A0/invoke", " {\"a\" : 1e0, \"a\":2} ",
                                {{"content-type", "application/weird"},
                                 {"Accept", "image/png"},
                                 {"X-Amzn-Bedrock-Trace", "ENABLED"},
                                 {"cookie", "secret"},
                                 {"x-forwarded-for", "1.2.3.4"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, " {\"output\":1e0 }\n");
  EXPECT_EQ(answer.headers.get("x-amzn-requestid"), "theirs");
  EXPECT_EQ(answer.headers.get("x-amzn-bedrock-input-token-count"), "3");
  EXPECT_FALSE(answer.headers.has("set-cookie"));
  EXPECT_EQ(door.native.asked.operation, llm::NativeOperation::kInvoke);
  EXPECT_EQ(door.native.asked.model, "native:0");
  EXPECT_EQ(door.native.asked.body, " {\"a\" : 1e0, \"a\":2} ");
  EXPECT_EQ(door.native.asked.headers, (llm::NativeHeaders{{"content-type", "application/weird"},
                                                           {"Accept", "image/png"},
                                                           {"X-Amzn-Bedrock-Trace", "ENABLED"}}));
}

TEST(NativePass, ErrorOfAws_ComesAsAwsWroteIt) {
  BedrockDoor door;
  door.native.script = {
      .status = 429,
      .headers = {{"x-amzn-ErrorType", "ThrottlingException:http://x"}, {"Retry-After", "7"}},
      .pieces = {std::string(R"({"Message":"slow"})")}};
  const auto answer = door.post("/model/native/converse", "{}");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "ThrottlingException:http://x");
  EXPECT_EQ(answer.headers.get("retry-after"), "7");
  EXPECT_EQ(answer.body, R"({"Message":"slow"})");
}

TEST(NativePass, ShortReplyThatBreaks_IsAnErrorWithAStatus) {
  BedrockDoor door;
  door.native.script.pieces = {std::string("{\"output\""), failure(broken())};
  const auto answer = door.post("/model/native/converse", "{}");
  EXPECT_EQ(answer.status, 424);
  EXPECT_TRUE(answer.complete);
}

TEST(NativePass, LongReplyThatBreaks_IsCut) {
  BedrockDoor door;
  door.native.script.pieces = {std::string(100'000, 'x'), failure(broken())};
  const auto answer = door.post("/model/native/converse", "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete);
}

TEST(NativePass, StreamThatBreaksBetweenEvents_EndsInAnException) {
  BedrockDoor door;
  door.native.script = {
      .headers = kStream, .pieces = {std::string("frames"), failure(broken())}, .stream = true};
  const auto answer = door.post("/model/native/converse-stream", "{}");
  EXPECT_EQ(answer.headers.get("x-amzn-requestid"), "theirs");
  ASSERT_TRUE(answer.body.starts_with("frames"));
  aws::EventDecoder decoder;
  const auto outcome = decoder.decode(std::string_view(answer.body).substr(6));
  EXPECT_EQ(std::get<aws::EventMessage>(outcome).text(":exception-type"), "modelStreamErrorException");
}

TEST(NativePass, StreamThatBreaksWithinAnEvent_IsCut) {
  BedrockDoor door;
  door.native.script = {.headers = kStream,
                        .pieces = {std::string("fra"), failure(broken())},
                        .between = false,
                        .stream = true};
  const auto answer = door.post("/model/native/converse-stream", "{}");
  EXPECT_EQ(answer.body, "fra");
  EXPECT_FALSE(answer.complete);
}

TEST(NativePass, StreamThatFailsBeforeItsFirstByte_HasAStatus) {
  BedrockDoor door;
  door.native.script = {.headers = kStream, .pieces = {failure(broken())}, .stream = true};
  EXPECT_EQ(door.post("/model/native/invoke-with-response-stream", "{}").status, 424);
}

TEST(NativePass, OperationsWithoutAModel_HaveTheirLabelsAndQuery) {
  BedrockDoor door;
  door.post("/guardrail/a%2Fb/version/DRAFT/apply", "{}");
  EXPECT_EQ(door.native.asked.operation, llm::NativeOperation::kApplyGuardrail);
  EXPECT_EQ(door.native.asked.labels, (std::vector<std::string>{"a/b", "DRAFT"}));
  door.ask("GET", "/async-invoke?statusEquals=Failed&maxResults=3");
  EXPECT_EQ(door.native.asked.query, "statusEquals=Failed&maxResults=3");
  door.ask("GET", "/async-invoke/arn%3Ax");
  EXPECT_EQ(door.native.asked.labels, std::vector<std::string>{"arn:x"});
  door.post("/async-invoke", R"({"modelInput":{"modelId":"x"},"modelId":"native.reel"})");
  EXPECT_EQ(door.native.asked.model, "native.reel");
}

TEST(NativePass, WithoutBedrock_SaysWhatIsNeeded) {
  BedrockDoor door;
  door.native.there = false;
  for (const char* target : {"/guardrail/a/version/1/apply", "/async-invoke"}) {
    const auto answer = door.post(target, "{}");
    EXPECT_EQ(answer.status, 404);
    EXPECT_TRUE(answer.body.contains("AWS_REGION")) << answer.body;
  }
}

}  // namespace
}  // namespace caprock::server
