#include "server/http2_test_client.h"
#include "server/server_fixture.h"

namespace caprock::server {
namespace {

using std::chrono::milliseconds;

class ServerHttp2LimitsTest : public ServerFixture {
 protected:
  /// Somebody else, before and after.
  void others_are_served() { EXPECT_EQ(Http2TestClient(port()).get("/hello").body, "hello"); }
};

std::string frame(char type, char flags, std::int32_t stream, std::string_view payload) {
  std::string out;
  for (const int shift : {16, 8, 0}) out += static_cast<char>((payload.size() >> shift) & 0xFFU);
  out += type;
  out += flags;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>((stream >> shift) & 0xFF);
  return out += payload;
}

TEST_F(ServerHttp2LimitsTest, LargeHeaders_Are431OnTheirStream) {
  serve();
  Http2TestClient client(port());
  const Http2Answer& refused = client.get("/hello", {{"x", std::string(65'400, 'x')}});
  EXPECT_EQ(refused.status, 431);
  EXPECT_TRUE(refused.body.contains("max_header")) << refused.body;
  EXPECT_EQ(client.get("/hello?" + std::string(17'000, 'x')).status, 431);
  Headers many;
  for (int i = 0; i < 300; ++i) many.add("a", "b");
  EXPECT_EQ(client.get("/hello", many).status, 431);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

// One entry of 4,000 bytes in the client's table, and then a byte for each use of it.
TEST_F(ServerHttp2LimitsTest, HeaderBomb_EndsTheConnection) {
  serve();
  Http2TestClient client(port());
  client.get("/hello");
  std::string block = "\x82\x87\x84";  // :method GET, :scheme https, :path /
  block += std::string("\x41\x09") + "localhost";
  block += std::string("\x40\x01") + 'x' + std::string("\x7f\xa1\x1e") + std::string(4000, 'a');
  client.send_raw(frame(1, 4 | 1, 3, block + std::string(12'000, '\xbe')));
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(client.peer.goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
  others_are_served();
}

TEST_F(ServerHttp2LimitsTest, EndlessContinuation_EndsTheConnection) {
  serve();
  Http2TestClient client(port());
  client.get("/hello");
  std::string flood = frame(1, 1, 3, "\x82\x87\x84");
  for (int i = 0; i < 10'000; ++i) flood += frame(9, 0, 3, "");
  client.send_raw(flood);
  EXPECT_TRUE(client.ends());
  others_are_served();
}

TEST_F(ServerHttp2LimitsTest, RapidReset_EndsTheConnection) {
  settings_.http2_resets = 100;
  serve();
  Http2TestClient client(port());
  for (int i = 0; i < 1000 && !client.peer.goaway(); ++i) {
    const auto id = client.peer.request("GET", "/hello", {}, {}, true);
    client.send();
    client.peer.reset(id);
    client.send();
  }
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(client.peer.goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
  others_are_served();
}

// "MadeYouReset": the client never resets, but makes the server do it.
TEST_F(ServerHttp2LimitsTest, ResetsThatTheClientProvokes_CountToo) {
  settings_.http2_resets = 100;
  serve();
  Http2TestClient client(port());
  client.get("/hello");
  std::string flood;
  for (int id = 3; id < 2000; id += 2) {
    flood += frame(1, 4, id, std::string("\x82\x87\x84\x41\x09") + "localhost");
    flood += frame(8, 0, id, std::string("\x00\x00\x00\x00", 4));  // WINDOW_UPDATE of nothing
  }
  client.send_raw(flood);
  EXPECT_TRUE(client.ends());
  others_are_served();
}

TEST_F(ServerHttp2LimitsTest, PingAndSettingsFloods_EndTheConnection) {
  settings_.http2_control_frames = 1000;
  serve();
  for (const auto& piece : {frame(6, 0, 0, "12345678"), frame(4, 0, 0, ""), frame(2, 0, 1, "\1\1\1\1\1")}) {
    Http2TestClient client(port());
    client.get("/hello");
    std::string flood;
    for (int i = 0; i < 20'000; ++i) flood += piece;
    client.send_raw(flood);
    EXPECT_TRUE(client.ends());
  }
  others_are_served();
}

TEST_F(ServerHttp2LimitsTest, OrdinaryPings_AreAnswered) {
  serve();
  Http2TestClient client(port());
  for (int i = 1; i <= 50; ++i) {
    client.peer.ping();
    ASSERT_TRUE(client.until([&] { return client.peer.pongs() == i; }));
  }
}

TEST_F(ServerHttp2LimitsTest, TrailersAreIgnored) {
  serve();
  Http2TestClient client(port());
  const auto id = client.peer.request("POST", "/echo", {}, {}, true);
  client.send();
  client.send_raw(frame(0, 0, id, "abc") + frame(1, 4 | 1, id, std::string("\x40\x01x\x01y")));
  EXPECT_EQ(client.whole(id).body, "abc");
}

TEST_F(ServerHttp2LimitsTest, StreamsBeyondTheLimit_AreRefusedOrWait) {
  settings_.http2_streams = 2;
  serve();
  Http2TestClient client(port());
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(client.peer.request("GET", "/hello"));
  for (const auto id : ids) {
    const Http2Answer& answer = client.whole(id);
    EXPECT_TRUE(answer.body == "hello" || answer.reset == NGHTTP2_REFUSED_STREAM);
  }
}

TEST_F(ServerHttp2LimitsTest, Malformed_IsResetOrEndsTheConnection) {
  serve();
  Http2TestClient client(port());
  EXPECT_EQ(client.get("/hello", {{"bad name", "x"}}).reset, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(client.get("/hello", {{"connection", "close"}}).reset, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(client.get("no-path").reset, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(client.get("/hello#x").status, 400);
  const auto id = client.peer.request("POST", "/echo", "abc", {{"content-length", "4"}});
  EXPECT_NE(client.whole(id).status, 200);
  EXPECT_EQ(client.get("/hello").body, "hello");
  client.send_raw(std::string(1000, '\xff'));
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(client.peer.goaway().has_value());
  others_are_served();
}

TEST_F(ServerHttp2LimitsTest, SlowHeadersAndSilentPreface_EndTheConnection) {
  settings_.header_timeout = milliseconds(60);
  serve();
  Http2TestClient client(port());
  client.get("/hello");
  client.send_raw(frame(1, 1, 3, "\x82\x87"));  // and no CONTINUATION
  EXPECT_TRUE(client.ends());
  Http2TestClient silent(port());
  silent.send_raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_TRUE(silent.ends());
  TestClient partial(port());
  partial.send("PRI * HT");
  EXPECT_TRUE(partial.all().starts_with("HTTP/1.1 408"));
}

TEST_F(ServerHttp2LimitsTest, SlowBody_Is408) {
  settings_.body_timeout = milliseconds(60);
  serve();
  Http2TestClient client(port());
  const auto id = client.peer.request("POST", "/echo", "abc", {}, true);
  EXPECT_EQ(client.whole(id).status, 408);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(ServerHttp2LimitsTest, IdleConnection_IsTold) {
  settings_.idle_timeout = milliseconds(60);
  serve();
  Http2TestClient client(port());
  client.get("/hello");
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(client.peer.goaway(), NGHTTP2_NO_ERROR);
}

TEST_F(ServerHttp2LimitsTest, DeadReader_LosesItsStream) {
  settings_.write_timeout = milliseconds(100);
  serve();
  Http2TestClient client(port(), true);  // gives nothing back
  const auto id = client.peer.request("GET", "/big/100");
  const Http2Answer& answer = client.whole(id);
  EXPECT_EQ(answer.reset, NGHTTP2_CANCEL);
  EXPECT_LT(answer.body.size(), 70'000U);
}

TEST_F(ServerHttp2LimitsTest, ReaderThatBeginsLate_IsWaitedFor) {
  settings_.write_timeout = std::chrono::seconds(10);
  settings_.header_timeout = milliseconds(200);  // ticks come more often than that
  serve();
  Http2TestClient client(port(), false, 0);
  const auto id = client.peer.request("GET", "/hello");
  ASSERT_TRUE(client.until([&] { return client.peer.answer(id).status == 200; }));
  // Ticks pass until a connection that says nothing is given up.
  TestClient silent(port());
  silent.send("GET");
  silent.all();
  client.peer.open_window(id, 5);
  EXPECT_EQ(client.whole(id).body, "hello");
}

TEST_F(ServerHttp2LimitsTest, LongRequest_IsStoppedAndTold) {
  settings_.request_timeout = milliseconds(60);
  serve();
  Http2TestClient client(port());
  EXPECT_EQ(client.get("/wait").status, 504);
  EXPECT_EQ(end_of_wait(), StopCause::kDeadline);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

}  // namespace
}  // namespace caprock::server
