#include <thread>

#include "server/server_fixture.h"

namespace caprock::server {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

class ServerDrainTest : public ServerFixture {};

TEST_F(ServerDrainTest, IdleConnections_AreClosedAndNoneAreTaken) {
  serve();
  TestClient idle(port());
  idle.ask(kHello);
  const auto closed_port = port();
  server_->drain();
  EXPECT_TRUE(server_->draining());
  EXPECT_EQ(idle.all(), "");
  EXPECT_FALSE(idle.timed_out());
  EXPECT_THROW(TestClient{closed_port}, std::runtime_error);
}

TEST_F(ServerDrainTest, RunningRequest_IsFinished) {
  serve();
  TestClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n");
  client.until("\r\n\r\n");  // the handler is waiting for the body
  std::thread drain([&] { server_->drain(); });
  while (!server_->draining()) std::this_thread::yield();
  const std::string answer = client.ask("abcdef");
  EXPECT_TRUE(answer.ends_with("abcdef")) << answer;
  EXPECT_EQ(client.all(), "");
  drain.join();
}

TEST_F(ServerDrainTest, StreamAfterTheGracePeriod_EndsWithAnErrorEvent) {
  settings_.drain_grace = milliseconds(30);
  serve();
  TestClient client(port());
  client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.until("event: start\ndata: {}\n\n");
  server_->drain();
  const std::string rest = client.all();
  EXPECT_NE(rest.find("event: error\ndata: {\"error\":{\"type\":\"unavailable\""), std::string::npos) << rest;
  EXPECT_TRUE(rest.ends_with("0\r\n\r\n"));
  EXPECT_EQ(end_of_wait(), StopCause::kShutdown);
}

TEST_F(ServerDrainTest, DrainedTwice_ReturnsTwice) {
  serve();
  server_->drain();
  server_->drain();
  server_->stop();
}

TEST_F(ServerDrainTest, Heartbeats_ComeWhileTheProducerIsSilent) {
  settings_.heartbeat = milliseconds(10);
  serve();
  TestClient client(port());
  client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.until("event: start");
  for (int i = 0; i < 3; ++i) EXPECT_NE(client.until(": heartbeat\n\n"), "");
  client.close();
  EXPECT_EQ(end_of_wait(), StopCause::kClientGone);
}

}  // namespace
}  // namespace caprock::server
