#include <fstream>

#include "server/server_fixture.h"

namespace caprock::server {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

class ServerLimitsTest : public ServerFixture {
 protected:
  static std::string post(const std::string& path, const std::string& headers) {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n\r\n";
  }
};

std::string status(const std::string& answer) { return answer.substr(0, 12); }

TEST_F(ServerLimitsTest, HeaderAbove64KiB_Is431) {
  serve();
  const auto with_header = [&](std::size_t bytes) {
    return ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(bytes, 'x') + "\r\n\r\n");
  };
  EXPECT_EQ(status(with_header(65'000)), "HTTP/1.1 200");
  const std::string refused = with_header(65'536);
  EXPECT_EQ(status(refused), "HTTP/1.1 431");
  EXPECT_NE(refused.find("max_header"), std::string::npos) << refused;
}

TEST_F(ServerLimitsTest, EndlessHeader_Is431BeforeItEnds) {
  serve();
  TestClient client(port());
  client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(200'000, 'x'));
  EXPECT_EQ(status(client.all()), "HTTP/1.1 431");
}

TEST_F(ServerLimitsTest, LongTargetAndManyFields_Are431) {
  settings_.max_target = base::Bytes{1000};
  serve();
  const auto with_target = [&](std::size_t bytes) {
    return ask("GET /hello?" + std::string(bytes - 7, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  };
  EXPECT_EQ(status(with_target(1000)), "HTTP/1.1 200");
  EXPECT_EQ(status(with_target(1001)), "HTTP/1.1 431");
  std::string fields;
  for (int i = 0; i < 300; ++i) fields += "\r\na: b";
  EXPECT_EQ(status(ask("GET /hello HTTP/1.1\r\nHost: localhost" + fields + "\r\n\r\n")), "HTTP/1.1 431");
}

TEST_F(ServerLimitsTest, AnnouncedBodyAboveTheLimit_IsRefusedUnread) {
  serve();
  TestClient client(port());
  const std::string answer = client.ask(post("/echo", "Content-Length: 25000001"));
  EXPECT_EQ(status(answer), "HTTP/1.1 413");
  EXPECT_NE(answer.find("payload_too_large"), std::string::npos);
}

TEST_F(ServerLimitsTest, ChunkedBodyAboveTheLimit_IsRefusedWhileItStreamsIn) {
  settings_.max_body = base::Bytes{100'000};
  serve();
  TestClient client(port());
  client.send(post("/echo", "Transfer-Encoding: chunked"));
  const std::string chunk = "2710\r\n" + std::string(10'000, 'x') + "\r\n";
  for (int i = 0; i < 11; ++i) client.send(chunk);  // and no end
  EXPECT_EQ(status(client.answer()), "HTTP/1.1 413");
}

TEST_F(ServerLimitsTest, BodyAtTheLimit_IsTaken) {
  settings_.max_body = base::Bytes{100'000};
  serve();
  TestClient client(port());
  client.send(post("/echo", "Content-Length: 100000"));
  EXPECT_EQ(status(client.ask(std::string(100'000, 'x'))), "HTTP/1.1 200");
}

TEST_F(ServerLimitsTest, SlowHeaders_Are408) {
  settings_.header_timeout = milliseconds(40);
  serve();
  TestClient client(port());
  client.send("GET /hello HTTP/1.1\r\nHost: loc");
  EXPECT_EQ(status(client.all()), "HTTP/1.1 408");
}

TEST_F(ServerLimitsTest, SlowBody_Is408) {
  settings_.body_timeout = milliseconds(40);
  serve();
  TestClient client(port());
  client.send(post("/echo", "Content-Length: 10") + "abc");
  EXPECT_EQ(status(client.all()), "HTTP/1.1 408");
}

TEST_F(ServerLimitsTest, IdleConnection_IsClosedWithoutAWord) {
  settings_.idle_timeout = milliseconds(40);
  serve();
  TestClient fresh(port());
  EXPECT_EQ(fresh.all(), "");
  EXPECT_FALSE(fresh.timed_out());
  TestClient used(port());
  used.ask(kHello);
  EXPECT_EQ(used.all(), "");
  EXPECT_FALSE(used.timed_out());
}

TEST_F(ServerLimitsTest, DeadReader_IsGivenUp) {
  settings_.write_timeout = milliseconds(60);
  serve();
  TestClient client(port(), 4096);
  client.send("GET /big/1000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.until("\r\n\r\n");
  server_->drain();  // returns only because the write was given up: nothing is read meanwhile
  EXPECT_LT(client.all().size(), 100'000'000U);
}

TEST_F(ServerLimitsTest, LongRequest_IsStoppedAndTold) {
  settings_.request_timeout = milliseconds(40);
  serve();
  const std::string answer = ask("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status(answer), "HTTP/1.1 504");
  EXPECT_EQ(end_of_wait(), StopCause::kDeadline);
}

TEST_F(ServerLimitsTest, ConnectionTooMany_Is503) {
  settings_.max_connections = 2;
  serve();
  TestClient first(port());
  first.ask(kHello);
  TestClient second(port());
  second.ask(kHello);
  TestClient third(port());
  third.send(kHello);
  const std::string refused = third.all();
  EXPECT_EQ(status(refused), "HTTP/1.1 503");
  EXPECT_NE(refused.find("\r\nretry-after: 1\r\n"), std::string::npos) << refused;
  EXPECT_NE(refused.find("\r\nx-request-id: "), std::string::npos);
  EXPECT_TRUE(first.ask(kHello).ends_with("hello"));
}

}  // namespace
}  // namespace caprock::server
