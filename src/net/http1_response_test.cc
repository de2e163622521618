#include "net/http1_response.h"

#include <gtest/gtest.h>

#include <optional>

namespace caprock::net {
namespace {

struct Outcome {
  int status = 0;
  std::string body;
  bool done = false;
  bool keeps_alive = false;
  std::size_t taken = 0;
  std::optional<base::ErrorKind> error = {};
  bool operator==(const Outcome&) const = default;
};

// Gives `bytes` in pieces of `step`, offering again what was not taken, as a connection does.
Outcome read(std::string_view bytes, std::size_t step, bool to_head = false,
             Http1Response::Limits limits = {}) {
  Http1Response response;
  response.begin(to_head, limits);
  Outcome out;
  std::size_t here = 0;
  while (true) {
    const std::string_view input = bytes.substr(out.taken, here - out.taken);
    const bool was_head = response.head_done();
    const auto taken = was_head ? response.put_body(input, out.body) : response.put_head(input);
    if (!taken) {
      out.error = taken.error().kind;
      out.taken = 0;  // how far it came depends on the cut
      return out;
    }
    out.taken += *taken;
    if (!was_head && response.head_done()) {
      out.status = response.take_head().status;
      continue;
    }
    if (response.done()) break;
    if (*taken > 0) continue;
    if (here == bytes.size()) {
      const auto end = response.end();
      if (!end) out.error = end.error().kind;
      break;
    }
    here = std::min(bytes.size(), here + step);
  }
  out.done = response.done();
  out.keeps_alive = out.done && response.keeps_alive();
  return out;
}

// However the bytes are cut, they mean the same.
Outcome read_any_way(std::string_view bytes, bool to_head = false, Http1Response::Limits limits = {}) {
  const Outcome whole = read(bytes, bytes.size() + 1, to_head, limits);
  for (std::size_t step = 1; step < 8; ++step)
    EXPECT_EQ(read(bytes, step, to_head, limits), whole) << step << ": " << bytes;
  return whole;
}

constexpr auto kUpstream = base::ErrorKind::kUpstream;

TEST(Http1Response, Length_EndsTheBodyAndKeepsTheConnection) {
  const auto got = read_any_way("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "hello");
  EXPECT_TRUE(got.done && got.keeps_alive);
}

TEST(Http1Response, BytesBehindTheEnd_AreNotTaken) {
  const auto got = read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1", 1000);
  EXPECT_EQ(got.body, "hi");
  EXPECT_EQ(got.taken, std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").size());
}

TEST(Http1Response, Chunks_AreJoinedAndTrailersDropped) {
  const auto got = read_any_way(
      "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\nA\r\n, there is\r\n0\r\nT: "
      "1\r\n\r\n");
  EXPECT_EQ(got.body, "hello, there is");
  EXPECT_TRUE(got.done && got.keeps_alive);
}

TEST(Http1Response, NeitherLengthNorChunks_GoesToTheEndOfTheConnection) {
  const auto got = read_any_way("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  EXPECT_EQ(got.body, "until the end");
  EXPECT_TRUE(got.done && !got.keeps_alive && !got.error);
}

TEST(Http1Response, InterimAnswers_AreLeftOut) {
  const auto got = read_any_way(
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No "
      "Content\r\n\r\n");
  EXPECT_EQ(got.status, 204);
  EXPECT_TRUE(got.done && got.keeps_alive);
}

TEST(Http1Response, AnswerToHead_HasNoBodyWhateverItSays) {
  const auto got = read_any_way("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", true);
  EXPECT_TRUE(got.done && got.keeps_alive && got.body.empty());
}

TEST(Http1Response, ConnectionHeaderAndVersion_SayWhetherItGoesOn) {
  EXPECT_FALSE(
      read_any_way("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n").keeps_alive);
  EXPECT_FALSE(read_any_way("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keeps_alive);
  EXPECT_TRUE(
      read_any_way("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").keeps_alive);
}

// What a proxy before us may have read otherwise must not leave its rest on the connection.
TEST(Http1Response, LengthAndChunks_AreReadAsChunksOnce) {
  const auto got = read_any_way(
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
  EXPECT_EQ(got.body, "a");
  EXPECT_TRUE(got.done && !got.keeps_alive);
}

TEST(Http1Response, BrokenOff_IsAnError) {
  for (const char* bytes : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"})
    EXPECT_EQ(read_any_way(bytes).error, kUpstream) << bytes;
}

TEST(Http1Response, WhatIsNotHttp_IsAnError) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1  20\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nName : value\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\x01\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n"})
    EXPECT_EQ(read_any_way(bytes).error, kUpstream) << bytes;
}

TEST(Http1Response, AboveALimit_IsAnError) {
  using base::ErrorKind;
  const Http1Response::Limits small{.head = 64, .body = 4};
  EXPECT_EQ(read_any_way("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, small).error,
            ErrorKind::kPayloadTooLarge);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\nhello", 1000, false, small).error, ErrorKind::kPayloadTooLarge);
  EXPECT_EQ(
      read_any_way("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n",
                   false, small)
          .error,
      ErrorKind::kPayloadTooLarge);
  EXPECT_EQ(read_any_way("HTTP/1.1 200 OK\r\nX: " + std::string(100, 'x') + "\r\n\r\n", false, small).error,
            kUpstream);
}

}  // namespace
}  // namespace caprock::net
