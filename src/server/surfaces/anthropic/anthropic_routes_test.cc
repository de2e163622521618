#include "server/surfaces/anthropic/anthropic_routes.h"

#include <gtest/gtest.h>

#include "server/auth.h"
#include "server/dispatch.h"
#include "server/in_process.h"
#include "server/router.h"
#include "server/test_support.h"

namespace caprock::server {
namespace {

using Script = std::vector<base::Result<llm::StreamEvent>>;

class ScriptedStream final : public llm::ChatStream {
 public:
  explicit ScriptedStream(Script script) : script_(std::move(script)) {}
  base::Awaitable<base::Result<std::optional<llm::StreamEvent>>> next() override {
    if (at_ == script_.size()) co_return std::nullopt;
    CAPROCK_CO_TRY(auto event, std::move(script_[at_++]));
    co_return event;
  }

 private:
  Script script_;
  std::size_t at_ = 0;
};

class ScriptedModel final : public llm::ChatModel, public llm::TokenCounter {
 public:
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext&, llm::ChatRequest request) override {
    asked = std::move(request);
    if (refusal) co_return base::failure(*refusal);
    co_return std::make_unique<ScriptedStream>(script);
  }
  base::Awaitable<base::Result<llm::TokenCount>> count(const base::RequestContext&,
                                                       llm::ChatRequest request) override {
    asked = std::move(request);
    if (refusal) co_return base::failure(*refusal);
    co_return llm::TokenCount{.input_tokens = 7, .estimated = true};
  }
  Script script;
  std::optional<base::Error> refusal;
  llm::ChatRequest asked;
};

class AnthropicRoutesTest : public ::testing::Test {
 protected:
  LocalResponse post(std::string more = "", std::string target = "/v1/messages", Headers headers = {}) {
    headers.add("content-type", "application/json");
    return run(door_.call(
        {.method = "POST",
         .target = std::move(target),
         .headers = std::move(headers),
         .body =
             R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}])" +
             more + "}"},
        stop_));
  }
  void say(std::initializer_list<llm::StreamEvent> events) {
    for (const auto& event : events) model_.script.emplace_back(event);
  }

  ScriptedModel model_;
  Settings settings_;
  RequestStop stop_;
  Router router_{anthropic_routes({.chat = model_, .counter = model_})};
  Auth auth_{settings_, base::Secret()};
  Dispatcher dispatcher_{router_, auth_, settings_, base::null_metrics()};
  InProcess door_{dispatcher_};
};

TEST_F(AnthropicRoutesTest, Plain_IsTheCollectedReply) {
  say({llm::TextDelta{0, "Hello"}, llm::BlockStop{0}, llm::MessageStop{}, llm::StreamMetadata{}});
  const auto answer =
      post(R"(,"shiny":1)", "/anthropic/v1/messages", {{"anthropic-beta", "context-1m-2025-08-07, other"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(R"("content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn")"),
            std::string::npos)
      << answer.body;
  EXPECT_EQ(answer.headers.get("x-caprock-ignored-fields"), "shiny, anthropic-beta:other");
  EXPECT_EQ(answer.headers.get("request-id"), answer.headers.get("x-request-id"));
  EXPECT_EQ(model_.asked.betas, std::vector<std::string>{"context-1m-2025-08-07"});
  EXPECT_FALSE(model_.asked.stream);
}

TEST_F(AnthropicRoutesTest, Stream_HasItsEventsInOrder) {
  say({llm::TextDelta{0, "Hello"}, llm::BlockStop{0}, llm::MessageStop{}, llm::StreamMetadata{}});
  const auto answer = post(R"(,"stream":true)");
  EXPECT_EQ(answer.headers.get("content-type"), "text/event-stream");
  std::string names;
  for (std::size_t at = answer.body.find("event: "); at != std::string::npos;
       at = answer.body.find("event: ", at + 1))
    names += answer.body.substr(at + 7, answer.body.find('\n', at) - at - 7) + " ";
  EXPECT_EQ(
      names,
      "message_start content_block_start content_block_delta content_block_stop message_delta message_stop ");
}

TEST_F(AnthropicRoutesTest, BrokenStream_EndsInAnErrorAndNoStop) {
  say({llm::TextDelta{0, "Hel"}});
  model_.script.emplace_back(base::failure(base::Error(base::ErrorKind::kUnavailable, "busy")));
  auto answer = post(R"(,"stream":true)");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("event: error\ndata: "
                             "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
                             "\"busy\"},\"request_id\":\""),
            std::string::npos)
      << answer.body;
  EXPECT_EQ(answer.body.find("message_stop"), std::string::npos);
  model_.script.pop_back();
  answer = post(R"(,"stream":true)");
  EXPECT_NE(answer.body.find("broke off before its end"), std::string::npos);
  EXPECT_EQ(answer.body.find("message_stop"), std::string::npos);
}

TEST_F(AnthropicRoutesTest, ErrorBeforeTheFirstEvent_HasItsStatus) {
  model_.script.emplace_back(base::failure(
      base::Error(base::ErrorKind::kRateLimited, "slow").with_retry_after(std::chrono::seconds(3))));
  const auto answer = post(R"(,"stream":true)");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.get("retry-after"), "3");
}

TEST_F(AnthropicRoutesTest, ProvidersRefusal_NamesTheClientsField) {
  model_.refusal = base::invalid_argument("messages[0].content[1].cachePoint",
                                          "leave messages[0].content[1].cachePoint out");
  for (const char* target : {"/v1/messages", "/v1/messages/count_tokens"}) {
    const auto answer = post("", target);
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find(R"("message":"leave messages.0.content.0.cache_control out")"),
              std::string::npos)
        << answer.body;
  }
}

TEST_F(AnthropicRoutesTest, Count_SaysThatItIsAnEstimate) {
  const auto answer = post("", "/v1/messages/count_tokens");
  EXPECT_EQ(answer.body, R"({"input_tokens":7})");
  EXPECT_EQ(answer.headers.get("x-caprock-estimated"), "true");
}

TEST_F(AnthropicRoutesTest, WhatFailsBeforeTheSurface_IsToldInTheDialect) {
  const auto unknown = post("", "/v1/messages/batches");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_TRUE(unknown.body.starts_with(R"({"type":"error","error":{"type":"not_found_error")"))
      << unknown.body;
  const auto get = run(door_.call({.method = "GET", .target = "/v1/messages"}, stop_));
  EXPECT_EQ(get.status, 405);
  EXPECT_TRUE(get.body.starts_with(R"({"type":"error")"));
}

}  // namespace
}  // namespace caprock::server
