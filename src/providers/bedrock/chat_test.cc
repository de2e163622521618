#include "providers/bedrock/chat.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "providers/bedrock/model_list.h"
#include "providers/bedrock/testing.h"

namespace caprock::providers::bedrock {
namespace {

using net::testing::ScriptedServer;
using net::testing::ServerConnection;
using testing::answer;
using ::testing::HasSubstr;
using testing::hello;
using ::testing::Not;
using testing::Peer;

const std::string kStreamType = "application/vnd.amazon.eventstream";

base::Awaitable<base::Result<llm::ChatReply>> ask(std::shared_ptr<Caller> caller, bool stream,
                                                  base::RequestContext context = {}) {
  BedrockChatModel chat(std::move(caller));
  llm::ChatRequest request;
  request.model = "us.anthropic.claude-sonnet-4-20250514-v1:0";
  request.messages = {llm::text_message(llm::Role::kUser, "Hi")};
  request.stream = stream;
  CAPROCK_CO_TRY(auto reply, co_await chat.converse(context, std::move(request)));
  co_return co_await llm::collect(*reply);
}

TEST(BedrockChat, Streamed_IsSignedAskedOnceAndKeepsTheConnection) {
  std::promise<std::string> seen;
  std::atomic<int> asked = 0;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
    if (++asked == 1) seen.set_value(request);
    return answer(hello(), "200 OK", "", kStreamType);
  }));
  const auto reply = peer.run(ask(peer.caller, true));
  ASSERT_TRUE(reply) << reply.error().message << reply.error().detail;
  EXPECT_EQ(llm::text_of(reply->message), "Hello");
  EXPECT_EQ(reply->metadata.usage.total(), 4);
  EXPECT_EQ(reply->metadata.id, "r-1");
  const std::string request = seen.get_future().get();
  EXPECT_THAT(
      request,
      HasSubstr("POST /model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse-stream HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
  EXPECT_THAT(request,
              HasSubstr("/us-east-1/bedrock/aws4_request, "
                        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature="));
  EXPECT_THAT(request, HasSubstr("X-Amz-Security-Token: token\r\n"));
  EXPECT_THAT(request, HasSubstr(R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})"));
  EXPECT_EQ(asked, 1);
}

TEST(BedrockChat, BearerToken_IsSentAndNothingSigned) {
  std::promise<std::string> seen;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
              seen.set_value(request);
              return answer(hello(), "200 OK", "", kStreamType);
            }),
            {{"AWS_BEARER_TOKEN_BEDROCK", "b-1"},
             {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
             {"AWS_SECRET_ACCESS_KEY", "s"}});
  ASSERT_TRUE(peer.run(ask(peer.caller, true)));
  const std::string request = seen.get_future().get();
  EXPECT_THAT(request, HasSubstr("Authorization: Bearer b-1\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("X-Amz-Date")));
}

TEST(BedrockChat, Plain_IsOneReply) {
  Peer peer(ScriptedServer::answering([](const std::string& request) {
    EXPECT_THAT(request, HasSubstr("/converse HTTP/1.1"));
    return answer(
        R"({"output":{"message":{"role":"assistant","content":[{"text":"Hello"}]}},"stopReason":"max_tokens","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":1}})");
  }));
  const auto reply = peer.run(ask(peer.caller, false));
  ASSERT_TRUE(reply);
  EXPECT_EQ(llm::text_of(reply->message), "Hello");
  EXPECT_EQ(reply->stop.reason, llm::StopReason::kMaxTokens);
  EXPECT_EQ(reply->metadata.usage.total(), 3);
}

TEST(BedrockChat, Refusals_AreTheirErrors) {
  Peer peer(ScriptedServer::answering([](const std::string&) {
    return answer(R"({"message":"slow down"})", "429 Too Many Requests",
                  "x-amzn-ErrorType: ThrottlingException:http://x\r\nRetry-After: 3\r\n");
  }));
  for (const bool stream : {true, false}) {
    const auto reply = peer.run(ask(peer.caller, stream));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, base::ErrorKind::kRateLimited);
    EXPECT_EQ(reply.error().retry_after, std::chrono::seconds(3));
    EXPECT_EQ(reply.error().origin.status, 429);
  }
}

TEST(BedrockChat, ErrorDisguisedAsSuccess_IsAnError) {
  Peer peer(ScriptedServer::answering([](const std::string&) {
    return answer(
        R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"})");
  }));
  const auto reply = peer.run(ask(peer.caller, false));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, base::ErrorKind::kInternal);
}

TEST(BedrockChat, ClockThatIsOff_IsLearntForTheNextCall) {
  std::promise<std::string> first;
  std::promise<std::string> second;
  std::atomic<int> asked = 0;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
    if (++asked == 1) {
      first.set_value(request);
      return answer(R"({"message":"Signature expired: …"})", "403 Forbidden",
                    "x-amzn-ErrorType: InvalidSignatureException\r\nDate: Sun, 01 Jan 2090 12:00:00 GMT\r\n");
    }
    second.set_value(request);
    return answer(hello(), "200 OK", "", kStreamType);
  }));
  EXPECT_EQ(peer.run(ask(peer.caller, true)).error().kind, base::ErrorKind::kInternal);
  EXPECT_TRUE(peer.run(ask(peer.caller, true)));
  EXPECT_THAT(first.get_future().get(), Not(HasSubstr("X-Amz-Date: 2090")));
  EXPECT_THAT(second.get_future().get(), HasSubstr("X-Amz-Date: 20900101T"));
}

// The whole answer cut after every 7th byte by a clean close: no end that was not sent.
TEST(BedrockChat, AnswerCutAnywhere_IsAnError) {
  const std::string whole = answer(hello(), "200 OK", "", kStreamType);
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    Peer peer([&](ServerConnection& connection) {
      if (!connection.read_request().empty()) connection.write(whole.substr(0, length));
    });
    EXPECT_FALSE(peer.run(ask(peer.caller, true))) << length;
  }
}

TEST(BedrockChat, Silence_IsBedrocksFault) {
  std::promise<void> over;
  auto waited = over.get_future().share();
  Peer peer(
      [&](ServerConnection& connection) {
        connection.read_request();
        waited.wait();
      },
      {{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", "b"}}, std::chrono::milliseconds(200));
  const auto reply = peer.run(ask(peer.caller, true));
  over.set_value();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, base::ErrorKind::kDeadlineExceeded);
  EXPECT_EQ(reply.error().cause, base::ErrorCause::kSilent);
  EXPECT_THAT(reply.error().message, HasSubstr("silent"));
}

TEST(BedrockChat, NoCredentials_SaysSoWithoutACall) {
  Peer peer(ScriptedServer::answering([](const std::string&) { return answer("{}"); }), {});
  const auto reply = peer.run(ask(peer.caller, true));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, base::ErrorKind::kUnavailable);
  EXPECT_EQ(peer.scripted.connections(), 0);
}

TEST(BedrockModels, FoundationModelsAndProfiles_AreOneList) {
  Peer peer(ScriptedServer::answering([](const std::string& request) {
    if (request.starts_with("GET /foundation-models "))
      return answer(
          R"({"modelSummaries":[{"modelId":"a.x-v1:0","modelName":"X","inputModalities":["TEXT","IMAGE"],"outputModalities":["TEXT"],"inferenceTypesSupported":["ON_DEMAND"]},)"
          R"({"modelId":"a.y","inferenceTypesSupported":["PROVISIONED"]}]})");
    if (request.starts_with("GET /inference-profiles?maxResults=1000 "))
      return answer(
          R"({"inferenceProfileSummaries":[{"inferenceProfileId":"us.a.x-v1:0","inferenceProfileName":"US X","status":"ACTIVE","type":"SYSTEM_DEFINED","models":[{"modelArn":"arn:aws:bedrock:us-east-1::foundation-model/a.x-v1:0"}]}],"nextToken":"n/1"})");
    EXPECT_TRUE(request.starts_with("GET /inference-profiles?maxResults=1000&nextToken=n%2F1 ")) << request;
    return answer(
        R"({"inferenceProfileSummaries":[{"inferenceProfileArn":"arn:aws:bedrock:us-east-1:1:application-inference-profile/p","inferenceProfileId":"p","inferenceProfileName":"Mine","status":"ACTIVE","type":"APPLICATION","models":[]}]})");
  }));
  ModelList list(peer.caller);
  const base::RequestContext context;
  const auto models = peer.run(list.models(context));
  ASSERT_TRUE(models) << models.error().detail;
  ASSERT_EQ(models->size(), 3U);
  EXPECT_EQ((*models)[0].id, "bedrock/a.x-v1:0");
  EXPECT_EQ((*models)[1].id, "bedrock/us.a.x-v1:0");
  EXPECT_EQ((*models)[1].input_kinds, (std::vector<std::string>{"text", "image"}));
  EXPECT_EQ((*models)[2].id, "bedrock/arn:aws:bedrock:us-east-1:1:application-inference-profile/p");
}

}  // namespace
}  // namespace caprock::providers::bedrock
