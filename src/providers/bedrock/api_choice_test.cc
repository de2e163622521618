#include "providers/bedrock/api_choice.h"

#include <gmock/gmock.h>

#include <mutex>

#include "llm/chat_model.h"
#include "providers/bedrock/chat.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/testing.h"

namespace caprock::providers::bedrock {
namespace {

using net::testing::ScriptedServer;
using testing::answer;
using ::testing::ElementsAre;
using testing::Peer;

constexpr const char* kClaude = "anthropic.claude-3-haiku-20240307-v1:0";
constexpr const char* kOpaque = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
const std::string kNoConverse =
    R"({"message":"This action doesn't support the model that you provided. Try again with a supported text or chat model."})";

Settings settings(std::string api, std::vector<std::string> models = {}) {
  Settings made;
  made.api = std::move(api);
  made.invoke_models = std::move(models);
  return made;
}

TEST(ApiChoice, Settings_Decide) {
  EXPECT_EQ(ApiChoice(settings("auto")).codec_for(kClaude), nullptr);
  EXPECT_EQ(ApiChoice(settings("auto")).codec_for("ai21.j2-ultra-v1"), &invoke::jurassic());
  EXPECT_EQ(ApiChoice(settings("converse")).codec_for("ai21.j2-ultra-v1"), nullptr);
  EXPECT_EQ(ApiChoice(settings("invoke")).codec_for(kClaude), &invoke::claude());
  EXPECT_EQ(ApiChoice(settings("invoke")).codec_for("amazon.nova-lite-v1:0"), nullptr);
  const ApiChoice named(settings("converse", {kClaude, std::string(kOpaque) + "=llama3"}));
  EXPECT_EQ(named.codec_for(kClaude), &invoke::claude());
  EXPECT_EQ(named.codec_for(kOpaque), &invoke::llama3());
}

TEST(ApiChoice, Settings_AreChecked) {
  EXPECT_TRUE(settings("auto", {kClaude, std::string(kOpaque) + "=claude"}).check());
  EXPECT_EQ(settings("auto", {kOpaque}).check().error().field, "bedrock.invoke_models");
  EXPECT_EQ(settings("auto", {std::string(kOpaque) + "=gpt"}).check().error().field, "bedrock.invoke_models");
}

base::Awaitable<base::Result<llm::ChatReply>> ask(BedrockChatModel& chat) {
  const base::RequestContext context;
  llm::ChatRequest request;
  request.model = kClaude;
  request.messages = {llm::text_message(llm::Role::kUser, "Hi")};
  request.stream = false;
  CAPROCK_CO_TRY(auto reply, co_await chat.converse(context, std::move(request)));
  co_return co_await llm::collect(*reply);
}

TEST(ApiChoice, ModelThatConverseDoesNotServe_IsInvokedAndRemembered) {
  std::mutex mutex;
  std::vector<std::string> seen;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
    const std::lock_guard lock(mutex);
    seen.push_back(request.substr(0, request.find(" HTTP")));
    if (request.contains("/converse "))
      return answer(kNoConverse, "400 Bad Request", "x-amzn-errortype: ValidationException\r\n");
    return answer(R"({"content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{}})");
  }));
  BedrockChatModel chat(peer.caller);
  for (int i = 0; i < 2; ++i) {
    const auto reply = peer.run(ask(chat));
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(llm::text_of(reply->message), "Hello");
  }
  const std::string path = "POST /model/anthropic.claude-3-haiku-20240307-v1%3A0/";
  EXPECT_THAT(seen, ElementsAre(path + "converse", path + "invoke", path + "invoke"));
}

TEST(ApiChoice, OtherRefusals_Stand) {
  ApiChoice choice(settings("auto"));
  EXPECT_EQ(choice.codec_after(kClaude, base::invalid_argument("", "prompt is too long")), nullptr);
  EXPECT_EQ(
      choice.codec_after("amazon.nova-lite-v1:0",
                         base::invalid_argument("model", "doesn't support the model that you provided")),
      nullptr);
  EXPECT_EQ(choice.codec_for(kClaude), nullptr);
}

}  // namespace
}  // namespace caprock::providers::bedrock
