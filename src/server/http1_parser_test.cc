#include "server/http1_parser.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

// Feeds `bytes` in pieces of `step`, as a connection would, and gives back what stays unread.
base::Result<std::string> feed(Http1Parser& parser, std::string_view bytes, std::size_t step) {
  std::string waiting;
  while (!bytes.empty()) {
    waiting += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
    while (!waiting.empty() && !parser.done()) {
      CAPROCK_TRY(const std::size_t taken, parser.put(waiting));
      waiting.erase(0, taken);
      if (taken == 0) break;
    }
  }
  return waiting;
}

constexpr std::string_view kChunked =
    "\r\nPOST /a%20b?c=d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\nX-Y: z\r\n\r\n"
    "5;ext=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Trailer: t\r\n\r\nGET /";

TEST(Http1Parser, AnySplit_GivesTheSameRequest) {
  for (std::size_t step = 1; step < kChunked.size(); ++step) {
    Http1Parser parser({});
    const auto rest = feed(parser, kChunked, step);
    ASSERT_TRUE(rest) << rest.error().message;
    ASSERT_TRUE(parser.done());
    EXPECT_EQ(*rest, "GET /");
    EXPECT_EQ(parser.take_body_bytes(), "hello world");
    const Request request = parser.take_head();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/a%20b?c=d");
    EXPECT_EQ(request.authority, "h");
    EXPECT_EQ(request.headers.items().size(), 3U);
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(Http1Parser, Length_IsCountedDown) {
  Http1Parser parser({});
  const std::string_view head = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(parser.put(head), head.size());
  EXPECT_TRUE(parser.head_done());
  EXPECT_EQ(parser.body_left(), 5U);
  EXPECT_EQ(parser.put("ab"), 2U);
  EXPECT_EQ(parser.body_left(), 3U);
  EXPECT_EQ(parser.put("cdeGET"), 3U);
  EXPECT_TRUE(parser.done());
}

TEST(Http1Parser, Targets_AreResolved) {
  const auto target = [](std::string line) -> std::string {
    Http1Parser parser({});
    if (!parser.put(line + " HTTP/1.1\r\nHost: h\r\n\r\n")) return "refused";
    const Request request = parser.take_head();
    return request.authority + " " + request.target;
  };
  EXPECT_EQ(target("GET /x"), "h /x");
  EXPECT_EQ(target("GET http://other:81/x?y"), "other:81 /x?y");
  EXPECT_EQ(target("GET HTTP://other?y"), "other /?y");
  EXPECT_EQ(target("OPTIONS *"), "h *");
  for (const char* line : {"GET *", "GET x", "CONNECT h:443", "GET ftp://h/x", "GET /a#b", "GET http://u@h/"})
    EXPECT_EQ(target(line), "refused") << line;
}

TEST(Http1Parser, Ambiguity_IsRefused) {
  for (const char* head :
       {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nExpect: magic\r\n\r\n",
        "GET /\r\n\r\n"}) {
    Http1Parser parser({});
    EXPECT_FALSE(parser.put(head)) << head;
  }
}

}  // namespace
}  // namespace caprock::server
