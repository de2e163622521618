#include <thread>

#include "server/http2_test_client.h"
#include "server/server_fixture.h"

namespace caprock::server {
namespace {

using std::chrono::milliseconds;

class ServerHttp2Test : public ServerFixture {};

TEST_F(ServerHttp2Test, PriorKnowledge_IsAnsweredInTheClear) {
  serve();
  Http2TestClient client(port());
  for (int i = 0; i < 3; ++i) {
    const Http2Answer& answer = client.get("/hello");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.headers.get("content-length"), "5");
    EXPECT_FALSE(answer.headers.get("x-request-id").empty());
    EXPECT_FALSE(answer.headers.get("date").empty());
  }
  EXPECT_EQ(client.peer.setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 100U);
  EXPECT_EQ(client.get("/nothing").status, 404);
  EXPECT_EQ(TestClient(port()).ask("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").substr(0, 12),
            "HTTP/1.1 200");
}

TEST_F(ServerHttp2Test, PrefaceInPieces_IsRecognised) {
  serve();
  Http2TestClient client(port());
  const auto id = client.peer.request("GET", "/hello");
  for (const char c : client.peer.output()) client.send_raw({&c, 1});
  EXPECT_EQ(client.whole(id).body, "hello");
}

TEST_F(ServerHttp2Test, SwitchedOff_IsRefusedAsHttp1) {
  settings_.http2 = false;
  serve();
  EXPECT_TRUE(ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_F(ServerHttp2Test, LargeBodies_GoUpAndDownByTheirWindows) {
  serve();
  Http2TestClient client(port());
  std::string body;
  for (int i = 0; i < 500'000; ++i) body += std::to_string(i % 10'000) + ' ';
  const auto echoed = client.peer.request("POST", "/echo", body);
  const auto big = client.peer.request("GET", "/big/30");
  EXPECT_EQ(client.whole(echoed).body, body);
  EXPECT_EQ(client.whole(big).body.size(), 3'000'000U);
}

TEST_F(ServerHttp2Test, HundredStreams_AreAnsweredSideBySide) {
  settings_.http2_streams = 100;
  serve();
  Http2TestClient client(port());
  std::vector<std::int32_t> open;
  for (int i = 0; i < 100; ++i) open.push_back(client.peer.request("POST", "/echo", {}, {}, true));
  for (const auto id : open) client.peer.more_body(id, std::to_string(id), true);
  for (const auto id : open) EXPECT_EQ(client.whole(id).body, std::to_string(id));
}

TEST_F(ServerHttp2Test, Stream_ComesPieceByPiece) {
  serve();
  Http2TestClient client(port());
  const auto id = client.peer.request("GET", "/events");
  ASSERT_TRUE(client.until([&] { return client.peer.answer(id).body.contains("event: start"); }));
  EXPECT_EQ(client.peer.answer(id).headers.get("content-type"), "text/event-stream");
  EXPECT_FALSE(client.peer.answer(id).ended);
  EXPECT_EQ(client.get("/stream").body, "onetwothree");  // beside it
  client.peer.reset(id);
  client.send();
  EXPECT_EQ(end_of_wait(), StopCause::kClientGone);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(ServerHttp2Test, ConnectionThatGoes_StopsItsRequests) {
  serve();
  Http2TestClient client(port());
  client.peer.request("GET", "/wait");
  client.send();
  waiting_.get_future().wait();
  client.close();
  EXPECT_EQ(end_of_wait(), StopCause::kClientGone);
}

TEST_F(ServerHttp2Test, BrokenAnswer_IsReset) {
  serve();
  Http2TestClient client(port());
  const Http2Answer& answer = client.get("/break");
  EXPECT_EQ(answer.body, "half");
  EXPECT_EQ(answer.reset, NGHTTP2_INTERNAL_ERROR);
}

TEST_F(ServerHttp2Test, Head_HasLengthAndNoBody) {
  serve();
  Http2TestClient client(port());
  const Http2Answer& answer = client.whole(client.peer.request("HEAD", "/hello"));
  EXPECT_EQ(answer.headers.get("content-length"), "5");
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(client.whole(client.peer.request("HEAD", "/stream")).status, 200);
  EXPECT_EQ(client.whole(client.peer.request("OPTIONS", "/hello")).status, 204);
}

TEST_F(ServerHttp2Test, UnreadBody_IsDroppedWithinBounds) {
  serve();
  Http2TestClient client(port());
  const auto small = client.peer.request("POST", "/ignore", std::string(100'000, 'x'));
  EXPECT_EQ(client.whole(small).body, "ignored");
  const auto large = client.peer.request("POST", "/ignore", std::string(3'000'000, 'x'));
  EXPECT_EQ(client.whole(large).body, "ignored");
  const auto endless = client.peer.request("POST", "/ignore", std::string(80'000'000, 'x'));
  EXPECT_EQ(client.whole(endless).body, "ignored");
  const auto too_large = client.peer.request("POST", "/small", "more than ten bytes");
  EXPECT_EQ(client.whole(too_large).status, 413);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(ServerHttp2Test, HandlerThatDoesNotRead_SlowsItsOwnStreamOnly) {
  serve();
  Http2TestClient client(port());
  client.peer.request("GET", "/wait", std::string(1'000'000, 'x'));
  client.send();
  waiting_.get_future().wait();
  const std::string body(500'000, 'y');
  EXPECT_EQ(client.whole(client.peer.request("POST", "/echo", body)).body, body);
}

TEST_F(ServerHttp2Test, ReaderThatDoesNotRead_SlowsItsOwnStreamOnly) {
  serve();
  Http2TestClient client(port(), true);
  const auto idle = client.peer.request("GET", "/big/10");
  ASSERT_TRUE(client.until([&] { return client.peer.answer(idle).body.size() == 65'535; }));
  client.peer.consume_connection(65'535);
  EXPECT_EQ(client.get("/hello").body, "hello");
  EXPECT_FALSE(client.peer.answer(idle).ended);
}

TEST_F(ServerHttp2Test, ExpectContinue_IsSaidOnlyWhenTheBodyIsWanted) {
  serve();
  Http2TestClient client(port());
  const auto id = client.peer.request("POST", "/echo", {}, {{"expect", "100-continue"}}, true);
  ASSERT_TRUE(client.until([&] { return client.peer.answer(id).continued; }));
  client.peer.more_body(id, "abc", true);
  EXPECT_EQ(client.whole(id).body, "abc");
  const auto refused =
      client.peer.request("POST", "/small", {}, {{"expect", "100-continue"}, {"content-length", "11"}}, true);
  EXPECT_EQ(client.whole(refused).status, 413);
  EXPECT_FALSE(client.peer.answer(refused).continued);
}

TEST_F(ServerHttp2Test, HostAndAuthority_AreTheSame) {
  serve();
  Http2TestClient client(port());
  EXPECT_EQ(client.get("/hello", {{"host", "localhost"}}).status, 200);
  EXPECT_EQ(client.get("/hello", {{"host", "evil.example"}}).status, 403);
}

TEST_F(ServerHttp2Test, Drain_FinishesWhatRunsAndTellsTheClient) {
  serve();
  Http2TestClient client(port());
  Http2TestClient idle(port());
  idle.get("/hello");
  const auto id = client.peer.request("POST", "/echo", {}, {}, true);
  client.peer.more_body(id, "abc", false);
  client.get("/hello");
  std::thread drain([&] { server_->drain(); });
  while (!server_->draining()) std::this_thread::yield();
  EXPECT_EQ(client.get("/hello").body, "hello");  // it was on its way when the drain began
  ASSERT_TRUE(client.until([&] { return client.peer.last_taken() < 1000; }));
  client.peer.more_body(id, "def", true);
  EXPECT_EQ(client.whole(id).body, "abcdef");
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(idle.ends());
  EXPECT_EQ(idle.peer.goaway(), NGHTTP2_NO_ERROR);
  drain.join();
}

TEST_F(ServerHttp2Test, StreamAfterTheGracePeriod_EndsWithAnErrorEvent) {
  settings_.drain_grace = milliseconds(30);
  serve();
  Http2TestClient client(port());
  const auto id = client.peer.request("GET", "/events");
  ASSERT_TRUE(client.until([&] { return client.peer.answer(id).body.contains("event: start"); }));
  std::thread drain([&] { server_->drain(); });
  EXPECT_TRUE(client.whole(id).body.contains("event: error"));
  drain.join();
  EXPECT_EQ(end_of_wait(), StopCause::kShutdown);
}

}  // namespace
}  // namespace caprock::server
