#include "server/http1_writer.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

TEST(AppendHead, GoldenBytes) {
  std::string out;
  append_head(out, 200, {{"content-type", "text/plain"}, {"Content-Length", "9"}, {"x-a", "b\r\nevil: c"}},
              {.content_length = 5}, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-type: text/plain\r\n"
            "x-a: b  evil: c\r\ncontent-length: 5\r\n\r\n");
}

TEST(AppendHead, Framing_IsTold) {
  std::string out;
  append_head(out, 299, {}, {.chunked = true, .close = true}, "d");
  EXPECT_EQ(out, "HTTP/1.1 299 -\r\ndate: d\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n");
}

TEST(AppendChunk, GoldenBytes) {
  std::string out;
  append_chunk(out, std::string(26, 'x'));
  EXPECT_EQ(out, "1a\r\n" + std::string(26, 'x') + "\r\n");
}

TEST(HttpDate, FollowsRfc9110) {
  EXPECT_EQ(http_date(base::WallTime(std::chrono::seconds(784111777))), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace caprock::server
