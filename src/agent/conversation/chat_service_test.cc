#include "agent/conversation/chat_service.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "agent/testing/fakes.h"
#include "base/event.h"

namespace caprock::agent {
namespace {

using base::Error;
using base::ErrorKind;
using namespace std::chrono_literals;

class ChatServiceTest : public ::testing::Test {
 protected:
  ChatServiceTest() : chat({answerer, conversations, clock, loop.get_executor()}, {}) {}

  template <class T>
  T run(base::Awaitable<T> task) {
    std::optional<T> out;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failed, T value) {
      if (failed) std::rethrow_exception(failed);
      out.emplace(std::move(value));
    });
    loop.restart();
    while (!out && loop.run_one() > 0) {
    }
    return std::move(*out);
  }
  base::Result<ChatReply> say(std::string message, std::optional<stores::ConversationId> id = {},
                              std::string key = "", TurnSink sink = {}) {
    ChatTurn turn{.message = std::move(message), .conversation = std::move(id)};
    if (!key.empty()) {
      turn.once = stores::IdempotencyEntry{.route = "chat", .key = key, .body_sha256 = turn.message};
    }
    return run(chat.turn(context, std::move(turn), std::move(sink)));
  }

  boost::asio::io_context loop;
  base::ManualClock clock{base::WallTime(1'772'357'400s)};
  testing::MemoryConversations conversations;
  testing::ScriptedAnswerer answerer;
  base::RequestContext context = base::background_context(base::TenantId("default"));
  ChatService chat;
};

TEST_F(ChatServiceTest, FirstMessage_KeptWithItsAnswer) {
  const auto reply = say("Why?");
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->text, "The engine failed.");
  EXPECT_FALSE(reply->degraded);
  const auto& stored = conversations.all.at(reply->conversation.str());
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[0].message.role, llm::Role::kUser);
  EXPECT_EQ(stored[1].model, "extractive");
  EXPECT_NE(stored[1].extra_json.find("\"quote\":\"The engine failed.\""), std::string::npos);
}

TEST_F(ChatServiceTest, FollowUp_AskedWithTheTurnsBefore) {
  const auto first = say("Why?");
  ASSERT_TRUE(say("And then?", first->conversation));
  const auto& history = answerer.asked.at(1).history;
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].question, "Why?");
  EXPECT_EQ(history[0].answer, "The engine failed.");
}

TEST_F(ChatServiceTest, UnknownConversation_NotFoundAndNothingKept) {
  const auto reply = say("Hi", stores::ConversationId("0190b5a0-0000-7000-8000-000000000009"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(conversations.all.empty());
}

TEST_F(ChatServiceTest, ForeignConversation_NotFoundAndNothingKept) {
  const auto mine = say("Hi");
  context.principal.user = "somebody else";
  const auto reply = say("Hi", mine->conversation);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(conversations.all.at(mine->conversation.str()).size(), 2U);
}

TEST_F(ChatServiceTest, Events_InTheirOrderWithIds) {
  std::string order;
  ASSERT_TRUE(say("Why?", {}, "",
                  [&](const TurnEvent& event, std::uint64_t id) -> base::Awaitable<base::Result<void>> {
                    order += std::to_string(id) + ":" + std::to_string(event.index()) + " ";
                    co_return base::Result<void>{};
                  }));
  EXPECT_EQ(order, "1:0 2:1 3:2 4:2 5:3 6:4 ");
}

TEST_F(ChatServiceTest, ModelUnreachable_FriendlyReplyThatIsNotStored) {
  answerer.answer = base::failure(Error(ErrorKind::kUnavailable, "no model"));
  const auto reply = say("Why?", {}, "k");
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->degraded);
  EXPECT_NE(reply->text.find("cannot be reached"), std::string::npos);
  EXPECT_EQ(conversations.all.at(reply->conversation.str()).size(), 1U);

  answerer.answer = testing::ScriptedAnswerer::sample();
  const auto again = say("Why?", {}, "k");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->text, "The engine failed.");
  EXPECT_EQ(again->conversation, reply->conversation);
  EXPECT_EQ(conversations.all.at(reply->conversation.str()).size(), 2U);
}

TEST_F(ChatServiceTest, BreaksAfterFirstWords_IsAnError) {
  answerer.answer = base::failure(Error(ErrorKind::kUpstream, "broke off"));
  answerer.speaks_before_error = true;
  const auto reply = say("Why?");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().message, "broke off");
}

TEST_F(ChatServiceTest, SameKeyAgain_SameAnswerNothingDuplicated) {
  const auto first = say("Why?", {}, "k");
  const auto second = say("Why?", {}, "k");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->text, first->text);
  EXPECT_EQ(second->conversation, first->conversation);
  EXPECT_EQ(second->record_json, first->record_json);
  EXPECT_EQ(answerer.asked.size(), 1U);
  EXPECT_EQ(conversations.all.size(), 1U);
}

TEST_F(ChatServiceTest, SameKeyOtherBody_Unprocessable) {
  ASSERT_TRUE(say("Why?", {}, "k"));
  const auto other = say("Where?", {}, "k");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::kUnprocessable);
  EXPECT_TRUE(say("Where?", {}, "k2"));
}

TEST_F(ChatServiceTest, ReaderGone_TurnEndsAndCanBeTakenUpAgain) {
  base::Event gate(loop.get_executor());
  answerer.before_answer = [&]() -> base::Awaitable<void> { co_await gate.wait(1min); };
  auto reader = run(chat.start(context, {.message = "Why?"}));
  ASSERT_TRUE(reader);
  const std::string id = (*reader)->turn().id();
  reader->reset();
  gate.signal();
  auto again = run(chat.follow(context, id, 1));
  ASSERT_TRUE(again);
  std::uint64_t next = 2;
  while (true) {
    const auto step = run((*again)->next(context, 1min));
    ASSERT_TRUE(step);
    if (step->ended) break;
    EXPECT_EQ(step->id, next++);
  }
  EXPECT_EQ(next, 7U);
  EXPECT_EQ(conversations.all.begin()->second.size(), 2U);
}

TEST_F(ChatServiceTest, SameKeyWhileRunning_SameTurn) {
  base::Event gate(loop.get_executor());
  answerer.before_answer = [&]() -> base::Awaitable<void> { co_await gate.wait(1min); };
  const stores::IdempotencyEntry once{.route = "chat", .key = "k", .body_sha256 = "b"};
  const auto first = run(chat.start(context, {.message = "Why?", .once = once}));
  const auto second = run(chat.start(context, {.message = "Why?", .once = once}));
  ASSERT_TRUE(second);
  EXPECT_EQ((*first)->turn().id(), (*second)->turn().id());
  gate.signal();
  loop.restart();
  loop.run_for(10s);
  EXPECT_EQ(answerer.asked.size(), 1U);
}

TEST_F(ChatServiceTest, ForeignTurn_NotFound) {
  auto reader = run(chat.start(context, {.message = "Why?"}));
  auto other = context;
  other.principal.user = "somebody else";
  EXPECT_EQ(run(chat.follow(other, (*reader)->turn().id(), 0)).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(run(chat.follow(context, "unknown", 0)).error().kind, ErrorKind::kNotFound);
}

base::Awaitable<bool> stop_all(ChatService& chat) {
  co_await chat.stop();
  co_return true;
}

TEST_F(ChatServiceTest, Stop_EndsRunningTurnsWithAnError) {
  base::Event gate(loop.get_executor());
  answerer.before_answer = [&]() -> base::Awaitable<void> { co_await gate.wait(1min); };
  const auto reader = run(chat.start(context, {.message = "Why?"}));
  loop.restart();
  loop.poll();
  boost::asio::co_spawn(loop, stop_all(chat), boost::asio::detached);
  loop.poll();
  gate.signal();
  std::string last;
  while (true) {
    const auto step = run((*reader)->next(context, 1min));
    if (step->ended) break;
    if (const auto* failed = std::get_if<TurnFailed>(step->event.get())) last = failed->error.message;
  }
  EXPECT_EQ(last, "The server is shutting down.");
}

}  // namespace
}  // namespace caprock::agent
