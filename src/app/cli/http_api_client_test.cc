#include "app/cli/http_api_client.h"

#include <gmock/gmock.h>

#include <thread>

#include "net/testing/scripted_server.h"

namespace caprock::app {
namespace {

using net::testing::ScriptedServer;
using testing::HasSubstr;

std::unique_ptr<ApiClient> client_of(const std::string& url, const char* key = "") {
  return make_http_api_client(url, base::Secret(key), {}).value();
}

TEST(HttpApiClient, Call_SendsTheKeyAndGivesAnyAnswer) {
  std::string seen;
  ScriptedServer server(ScriptedServer::answering([&](const std::string& request) {
    seen = request;
    return "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
  }));
  const auto answer = client_of(server.url("/base/"), "t0ken")->call({.target = "/documents?limit=1"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "{}");
  EXPECT_THAT(seen, testing::StartsWith("GET /base/documents?limit=1 HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("authorization: Bearer t0ken\r\n"));
}

TEST(HttpApiClient, Stream_GivesEventsAndStopsWhenToldTo) {
  ScriptedServer server(ScriptedServer::answering([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\ndata: one\n\ndata: two\n\ndata: "
           "thr\r\n5\r\nee\n\n\n\r\n0\r\n\r\n";
  }));
  const auto client = client_of(server.url());
  std::vector<std::string> all;
  ASSERT_TRUE(
      client->stream({.target = "/s"}, [&](const net::SseEvent& e) { return all.push_back(e.data), true; }));
  EXPECT_THAT(all, testing::ElementsAre("one", "two", "three"));
  all.clear();
  ASSERT_TRUE(
      client->stream({.target = "/s"}, [&](const net::SseEvent& e) { return all.push_back(e.data), false; }));
  EXPECT_THAT(all, testing::ElementsAre("one"));
}

TEST(HttpApiClient, StreamThatIsRefused_ComesBackWhole) {
  ScriptedServer server(ScriptedServer::answering(
      [](const std::string&) { return "HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\n{\"e\":\"x\"}"; }));
  const auto answer = client_of(server.url())->stream({.target = "/s"}, [](const auto&) { return true; });
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "{\"e\":\"x\"}");
}

TEST(HttpApiClient, ManyThreads_AreServed) {
  ScriptedServer server(ScriptedServer::answering(
      [](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"; }));
  const auto client = client_of(server.url());
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) EXPECT_EQ(client->call({.target = "/"})->status, 200);
    });
  threads.clear();
  EXPECT_LE(server.connections(), 8);
}

TEST(HttpApiClient, WrongUrl_IsToldByItsFlag) {
  const auto client = make_http_api_client("http://user:pw@x", {}, {});
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().message, HasSubstr("--url"));
}

}  // namespace
}  // namespace caprock::app
