#include "providers/openai_compatible/chat.h"

#include <gmock/gmock.h>

#include <future>

#include "providers/openai_compatible/model_list.h"
#include "providers/openai_compatible/testing.h"

namespace caprock::providers::openai {
namespace {

using net::testing::ScriptedServer;
using net::testing::ServerConnection;
using testing::answer;
using ::testing::HasSubstr;
using testing::Peer;

const std::string kStream =
    "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n"
    "data: [DONE]\n\n";

std::string chunked(const std::string& body) {
  std::string out =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 15) {
    const std::string piece = body.substr(at, 15);
    out += std::string(1, "0123456789abcdef"[piece.size()]) + "\r\n" + piece + "\r\n";
  }
  return out + "0\r\n\r\n";
}

base::Awaitable<base::Result<llm::ChatReply>> ask(std::shared_ptr<const Server> server,
                                                  base::RequestContext context, bool stream) {
  Chat chat(std::move(server));
  llm::ChatRequest request;
  request.model = "m";
  request.messages = {llm::text_message(llm::Role::kUser, "Hi")};
  request.stream = stream;
  CAPROCK_CO_TRY(auto reply, co_await chat.converse(context, std::move(request)));
  co_return co_await llm::collect(*reply);
}

TEST(OpenAiChat, Streamed_AsksOnceWithItsKeyAndKeepsTheConnection) {
  std::promise<std::string> seen;
  int asked = 0;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
    if (++asked == 1) seen.set_value(request);
    return chunked(kStream);
  }));
  const auto reply = peer.run(ask(peer.server, {}, true));
  ASSERT_TRUE(reply) << reply.error().message << reply.error().detail;
  EXPECT_EQ(llm::text_of(reply->message), "Hello");
  EXPECT_EQ(reply->metadata.usage.total(), 4);
  const std::string request = seen.get_future().get();
  EXPECT_THAT(request, HasSubstr("POST /v1/chat/completions HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: Bearer k-1\r\n"));
  EXPECT_THAT(request, HasSubstr("\"stream\":true"));
  EXPECT_EQ(asked, 1);
}

TEST(OpenAiChat, Plain_IsOneReply) {
  Peer peer(ScriptedServer::answering([](const std::string&) {
    return answer(
        R"({"id":"c","model":"m-1","choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"length"}]})");
  }));
  const auto reply = peer.run(ask(peer.server, {}, false));
  ASSERT_TRUE(reply);
  EXPECT_EQ(llm::text_of(reply->message), "Hello");
  EXPECT_EQ(reply->stop.reason, llm::StopReason::kMaxTokens);
  EXPECT_EQ(reply->metadata.model, "m-1");
  EXPECT_FALSE(reply->metadata.usage_known);
}

// The whole answer, head and chunk sizes included, cut after every byte: by a clean close of the socket.
TEST(OpenAiChat, AnswerCutAtEveryByte_IsAnError) {
  const std::string whole = chunked(kStream);
  // What comes after the event [DONE] is the end of the transfer alone.
  const std::size_t needed = whole.rfind("0\r\n\r\n") - 2;
  std::size_t cut = 0;
  Peer peer([&](ServerConnection& connection) {
    if (connection.read_request().empty()) return;
    connection.write(whole.substr(0, cut));
  });
  for (cut = 0; cut < needed; ++cut) {
    const auto reply = peer.run(ask(peer.server, {}, true));
    ASSERT_FALSE(reply) << cut;
    EXPECT_TRUE(reply.error().kind == base::ErrorKind::kUpstream ||
                reply.error().kind == base::ErrorKind::kUnavailable)
        << cut;
  }
  cut = needed;
  EXPECT_TRUE(peer.run(ask(peer.server, {}, true)));
}

TEST(OpenAiChat, BodyUntilClose_IsWholeOnlyWithDone) {
  std::string body = kStream;
  Peer peer([&](ServerConnection& connection) {
    if (connection.read_request().empty()) return;
    connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" +
                     body);
  });
  EXPECT_TRUE(peer.run(ask(peer.server, {}, true)));
  body = kStream.substr(0, kStream.find("data: [DONE]"));
  EXPECT_FALSE(peer.run(ask(peer.server, {}, true)));
}

TEST(OpenAiChat, ErrorStatus_IsMappedWithItsRetryAfter) {
  Peer peer(ScriptedServer::answering([](const std::string&) {
    return "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\n{}";
  }));
  const auto reply = peer.run(ask(peer.server, {}, true));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, base::ErrorKind::kRateLimited);
  EXPECT_EQ(reply.error().retry_after, std::chrono::seconds(3));
}

TEST(OpenAiChat, SilentServer_IsItsFaultNotTheCallersDeadline) {
  std::promise<void> over;
  auto until = over.get_future().share();
  {
    Peer peer(
        [&](ServerConnection& connection) {
          connection.read_request();
          until.wait();
        },
        "openai", std::chrono::milliseconds(50));
    const auto reply = peer.run(ask(peer.server, {}, true));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().cause, base::ErrorCause::kSilent);
    base::RequestContext hurried;
    hurried.deadline = base::Deadline::after(std::chrono::milliseconds(1));
    const auto late = peer.run(ask(peer.server, hurried, true));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, base::ErrorKind::kDeadlineExceeded);
    over.set_value();
  }
}

TEST(OpenAiChat, NobodyThere_SaysWhoWithoutTheAddress) {
  Peer peer([](ServerConnection&) {});
  ServerSettings settings;
  settings.base_url = "http://127.0.0.1:1/v1";
  const auto nobody =
      std::make_shared<const Server>(peer.http, *dialect_named("vllm"), settings, std::chrono::seconds(5));
  const auto reply = peer.run(ask(nobody, {}, true));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, base::ErrorKind::kUnavailable);
  EXPECT_EQ(reply.error().message, "vLLM cannot be reached");
}

base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> list(std::shared_ptr<const Server> server) {
  ModelList models(std::move(server));
  co_return co_await models.models({});
}

TEST(OpenAiModels, List_TellsWhatTheServerSays) {
  Peer peer(
      ScriptedServer::answering([](const std::string& request) {
        if (request.starts_with("GET /v1/models "))
          return answer(
              R"({"data":[{"id":"anthropic/claude","name":"Claude","context_length":200000,"pricing":{"prompt":"0.000003",)"
              R"("completion":"0.000015"},"top_provider":{"max_completion_tokens":64000},"architecture":)"
              R"({"input_modalities":["text","image"]}},{"id":"bare","max_model_len":4096},{"no":"id"}]})");
        return answer("{}");
      }),
      "openrouter");
  const auto models = peer.run(list(peer.server));
  ASSERT_TRUE(models);
  ASSERT_EQ(models->size(), 2U);
  EXPECT_EQ(models->at(0).id, "openrouter/anthropic/claude");
  EXPECT_EQ(models->at(0).input_nano_usd, 3000);
  EXPECT_EQ(models->at(0).output_nano_usd, 15000);
  EXPECT_EQ(models->at(0).max_output_tokens, 64000);
  EXPECT_EQ(models->at(1).context_tokens, 4096);
  EXPECT_EQ(models->at(1).input_nano_usd, std::nullopt);
}

}  // namespace
}  // namespace caprock::providers::openai
