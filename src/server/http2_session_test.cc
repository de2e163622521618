#include "server/http2_session.h"

#include <gtest/gtest.h>

#include <deque>

#include "server/http2_test_client.h"

namespace caprock::server {
namespace {

// Answers each request with what its body was.
class Echo final : public Http2Session::Owner {
 public:
  explicit Echo(Http2Session::Limits limits = {}) : session(limits, *this) {}

  Http2Stream* open(std::int32_t id) override {
    if (streams.size() == most) return nullptr;
    return &streams.emplace_back(id);
  }
  void changed(Http2Stream& stream) override {
    if (stream.body_ended && !stream.answer_begun) due.push_back(&stream);
  }
  void feed(std::string_view bytes) {
    session.feed(bytes, base::MonoTime{std::chrono::hours(1)});
    for (Http2Stream* stream : std::exchange(due, {})) {
      if (std::exchange(stream->answer_begun, true)) continue;
      stream->pending = std::exchange(stream->body, {});
      stream->answer_ended = true;
      session.respond(*stream, 200, {}, std::nullopt, true);
    }
  }
  std::string output() {
    std::string out;
    session.collect(out, 1U << 20);
    return out;
  }

  std::size_t most = 1000;
  Http2Session session;
  std::deque<Http2Stream> streams;
  std::vector<Http2Stream*> due;
};

TEST(Http2Session, AnySplit_GivesTheSameAnswers) {
  Http2Peer first;
  first.request("POST", "/a?b", "hello ", {{"x", "y"}});
  first.request("POST", "/c", "world");
  const std::string bytes = first.output();
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Http2Peer peer;
    peer.request("POST", "/a?b", "hello ", {{"x", "y"}});
    peer.request("POST", "/c", "world");
    ASSERT_EQ(peer.output(), bytes);
    Echo echo;
    echo.feed(std::string_view(bytes).substr(0, cut));
    std::string answer = echo.output();
    echo.feed(std::string_view(bytes).substr(cut));
    answer += echo.output();
    ASSERT_TRUE(peer.feed(answer));
    EXPECT_EQ(peer.answer(1).body + peer.answer(3).body, "hello world") << cut;
    EXPECT_TRUE(peer.answer(3).ended);
    EXPECT_EQ(echo.streams.front().head.take()->target, "/a?b");
    EXPECT_TRUE(echo.streams.front().closed);
  }
}

TEST(Http2Session, UnreadBody_IsBoundedByItsWindow) {
  Echo echo({.window = 20'000});
  Http2Peer peer;
  peer.feed(echo.output());
  peer.request("POST", "/", std::string(1'000'000, 'x'));
  for (int i = 0; i < 10; ++i) {
    echo.feed(peer.output());
    peer.feed(echo.output());
  }
  EXPECT_EQ(echo.streams.front().body.size(), 20'000U);
  echo.streams.front().body.clear();
  echo.session.consumed(echo.streams.front(), 20'000);
  peer.feed(echo.output());
  echo.feed(peer.output());
  EXPECT_EQ(echo.streams.front().body.size(), 20'000U);
}

TEST(Http2Session, Collect_StopsAtItsMost) {
  Echo echo;
  Http2Peer peer;
  const auto id = peer.request("POST", "/", std::string(60'000, 'x'));
  echo.feed(peer.output());
  std::string all;
  int pieces = 0;
  for (std::string out; echo.session.collect(out, 1000), !out.empty(); out.clear(), ++pieces) {
    EXPECT_LT(out.size(), 1000U + 16'384 + 9 + 100);
    all += out;
  }
  EXPECT_GE(pieces, 3);
  peer.feed(all);
  EXPECT_EQ(peer.answer(id).body.size(), 60'000U);
}

TEST(Http2Session, RefusedStream_IsToldAndCounted) {
  Echo echo({.resets = 10});
  echo.most = 0;
  Http2Peer peer;
  const auto id = peer.request("GET", "/");
  echo.feed(peer.output());
  peer.feed(echo.output());
  EXPECT_EQ(peer.answer(id).reset, NGHTTP2_REFUSED_STREAM);
  for (int i = 0; i < 10; ++i) peer.request("GET", "/");
  echo.feed(peer.output());
  EXPECT_EQ(echo.session.fault(), Http2Session::Fault::kResets);
  EXPECT_FALSE(echo.session.alive());
  peer.feed(echo.output());
  EXPECT_EQ(peer.goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_EQ(echo.output(), "");  // it is said once
}

TEST(Http2Session, DetachedStream_IsNotTouchedAgain) {
  Echo echo;
  Http2Peer peer;
  const auto id = peer.request("POST", "/", "abc", {}, true);
  echo.feed(peer.output());
  peer.feed(echo.output());
  Http2Stream& stream = echo.streams.front();
  stream.answer_begun = true;
  stream.pending = "xyz";
  echo.session.respond(stream, 200, {}, std::nullopt, true);
  echo.session.reset(stream, NGHTTP2_CANCEL);
  echo.session.detach(stream);
  echo.streams.clear();
  peer.more_body(id, "def", true);
  echo.feed(peer.output());
  peer.feed(echo.output());
  EXPECT_EQ(peer.answer(id).reset, NGHTTP2_CANCEL);
}

}  // namespace
}  // namespace caprock::server
