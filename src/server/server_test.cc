#include "server/server.h"

#include <netinet/tcp.h>

#include "server/server_fixture.h"

namespace caprock::server {
namespace {

using ::testing::Test;

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

class ServerTest : public ServerFixture {};

bool begins(const std::string& text, std::string_view with) { return text.starts_with(with); }
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(ServerTest, Connection_IsKeptForFurtherRequests) {
  serve();
  TestClient client(port());
  for (int i = 0; i < 3; ++i) {
    const std::string answer = client.ask(kHello);
    EXPECT_TRUE(begins(answer, "HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(has(answer, "\r\nx-request-id: ")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhello"));
  }
}

TEST_F(ServerTest, Close_EndsTheConnection) {
  serve();
  TestClient client(port());
  client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string answer = client.all();
  EXPECT_TRUE(has(answer, "\r\nconnection: close\r\n"));
  EXPECT_TRUE(answer.ends_with("hello"));
  EXPECT_FALSE(client.timed_out());
}

TEST_F(ServerTest, Pipelined_AnswersComeInOrder) {
  serve();
  TestClient client(port());
  std::string requests;
  for (int i = 0; i < 50; ++i)
    requests +=
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
  client.send(requests);
  for (int i = 0; i < 50; ++i)
    EXPECT_TRUE(client.answer().ends_with("\r\n\r\n" + std::to_string(10 + i))) << i;
}

TEST_F(ServerTest, BytesOneByOne_MakeTheSameRequest) {
  serve();
  TestClient client(port());
  for (const char c :
       std::string("\r\nPOST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"))
    client.send({&c, 1});
  EXPECT_TRUE(client.answer().ends_with("\r\n\r\nabc0123456789"));
  EXPECT_TRUE(client.ask(kHello).ends_with("hello"));
}

TEST_F(ServerTest, LargeBody_ComesBackWhole) {
  serve();
  TestClient client(port());
  std::string body;
  for (int i = 0; i < 500'000; ++i) body += std::to_string(i % 10'000) + ' ';
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n");
  client.send(body);
  const std::string answer = client.answer();
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), body);
}

TEST_F(ServerTest, Stream_IsChunked) {
  serve();
  TestClient client(port());
  client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(has(client.until("\r\n\r\n"), "\r\ntransfer-encoding: chunked\r\n"));
  EXPECT_EQ(client.until("0\r\n\r\n"), "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
  EXPECT_TRUE(client.ask(kHello).ends_with("hello"));
}

TEST_F(ServerTest, Http10_GetsAPlainStreamAndAClose) {
  serve();
  TestClient client(port());
  client.send("GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n");
  const std::string answer = client.all();
  EXPECT_FALSE(has(answer, "chunked"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nonetwothree"));
  TestClient keeping(port());
  EXPECT_TRUE(has(keeping.ask("GET /hello HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n"),
                  "\r\nconnection: keep-alive\r\n"));
  EXPECT_TRUE(keeping.ask(kHello).ends_with("hello"));
}

TEST_F(ServerTest, Head_HasLengthAndNoBody) {
  serve();
  TestClient client(port());
  client.send(
      "HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(has(client.until("\r\n\r\n"), "content-length: 5\r\n"));
  EXPECT_TRUE(has(client.until("\r\n\r\n"), "transfer-encoding: chunked\r\n"));
  EXPECT_TRUE(client.ask(kHello).ends_with("hello"));
}

TEST_F(ServerTest, ExpectContinue_IsSaidOnlyWhenTheBodyIsWanted) {
  serve();
  TestClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(client.ask("abc").ends_with("abc"));
  client.send(
      "POST /small HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  const std::string refused = client.all();
  EXPECT_TRUE(begins(refused, "HTTP/1.1 413 ")) << refused;
  EXPECT_TRUE(has(refused, "connection: close"));
}

TEST_F(ServerTest, UnreadBody_IsDroppedBeforeTheNextRequest) {
  serve();
  TestClient client(port());
  const std::string body(100'000, 'x');
  client.send("POST /ignore HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" + body);
  EXPECT_TRUE(client.answer().ends_with("ignored"));
  EXPECT_TRUE(client.ask(kHello).ends_with("hello"));
}

TEST_F(ServerTest, LargeUnreadBody_EndsTheConnectionButTheAnswerArrives) {
  serve();
  TestClient client(port());
  client.send("POST /ignore HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n");
  EXPECT_TRUE(client.send(std::string(10'000'000, 'x')));
  const std::string answer = client.all();
  EXPECT_TRUE(has(answer, "connection: close")) << answer;
  EXPECT_TRUE(answer.ends_with("ignored"));
}

TEST_F(ServerTest, SlowReader_GetsEverything) {
  serve();
  TestClient client(port(), 4096);
  client.send("GET /big/100 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string answer = client.answer();
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 10'000'000U);
  EXPECT_TRUE(client.ask(kHello).ends_with("hello"));
}

TEST_F(ServerTest, ClientThatLeaves_StopsItsRequest) {
  serve();
  TestClient client(port());
  client.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  waiting_.get_future().wait();
  client.close();
  EXPECT_EQ(end_of_wait(), StopCause::kClientGone);
}

TEST_F(ServerTest, ClientThatLeavesAfterPipelining_StopsItsRequest) {
  serve();
  TestClient client(port());
  client.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n" + std::string(kHello));
  waiting_.get_future().wait();
  client.close();
  EXPECT_EQ(end_of_wait(), StopCause::kClientGone);
}

TEST_F(ServerTest, BrokenOffStream_IsNotEndedAsIfComplete) {
  serve();
  TestClient client(port());
  client.send("GET /break HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(client.all().ends_with("\r\n\r\n4\r\nhalf\r\n"));
}

TEST_F(ServerTest, AbsoluteTarget_CountsAsHost) {
  serve();
  EXPECT_TRUE(
      begins(ask("GET http://localhost/hello HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "HTTP/1.1 200 "));
  EXPECT_TRUE(
      begins(ask("GET http://evil.example/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"), "HTTP/1.1 403 "));
}

TEST_F(ServerTest, ForeignHostAndOrigin_AreRefusedOnLoopback) {
  serve();
  EXPECT_TRUE(begins(ask("GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "HTTP/1.1 403 "));
  EXPECT_TRUE(begins(ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
                         "Content-Length: 0\r\n\r\n"),
                     "HTTP/1.1 403 "));
}

TEST_F(ServerTest, MalformedRequests_AreTold) {
  serve();
  for (const char* request :
       {"GARBAGE\r\n\r\n", "GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "GET hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    const std::string answer = ask(request);
    EXPECT_TRUE(begins(answer, "HTTP/1.1 400 ")) << request << answer;
    EXPECT_TRUE(has(answer, "\"type\":\"invalid_request\"")) << answer;
  }
  EXPECT_TRUE(
      begins(ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
             "HTTP/1.1 501 "));
}

TEST_F(ServerTest, AcceptedSockets_SendWithoutDelay) {
  serve();
  TestClient client(port());
  client.ask(kHello);
  int seen = 0;
  for (int fd = 3; fd < 1024; ++fd) {
    sockaddr_in local{};
    sockaddr_in remote{};
    socklen_t size = sizeof local;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0 || ntohs(local.sin_port) != port())
      continue;
    size = sizeof remote;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&remote), &size) != 0) continue;  // an acceptor
    int no_delay = 0;
    size = sizeof no_delay;
    ASSERT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
    EXPECT_NE(no_delay, 0);
    ++seen;
  }
  EXPECT_EQ(seen, 1);
}

TEST_F(ServerTest, PortInUse_IsSaid) {
  serve();
  Settings other = settings_;
  other.listen = server_->address();
  Server second(other, *dispatcher_, *loops_, base::null_metrics());
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_TRUE(has(started.error().message, "in use")) << started.error().message;
  EXPECT_TRUE(has(started.error().message, std::to_string(port())));
}

TEST_F(ServerTest, ManyClients_AreServedOnAllLoops) {
  serve();
  std::vector<std::thread> clients;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      TestClient client(port());
      for (int j = 0; j < 50; ++j) good += client.ask(kHello).ends_with("hello") ? 1 : 0;
    });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 400);
}

}  // namespace
}  // namespace caprock::server
