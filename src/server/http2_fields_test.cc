#include "server/http2_fields.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

std::string text(const Http2Fields& fields) {
  std::string all;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const nghttp2_nv& field = fields.data()[i];
    all.append(reinterpret_cast<const char*>(field.name), field.namelen) += ": ";
    all.append(reinterpret_cast<const char*>(field.value), field.valuelen) += '\n';
  }
  return all;
}

TEST(Http2Fields, NamesAreLowerCaseAndFramingIsOurs) {
  const Http2Fields fields(200,
                           {{"Content-Type", "text/plain"},
                            {"Content-Length", "99"},
                            {"Transfer-Encoding", "chunked"},
                            {"connection", "close"},
                            {":status", "500"}},
                           5, "today");
  EXPECT_EQ(text(fields), ":status: 200\ndate: today\ncontent-type: text/plain\ncontent-length: 5\n");
}

TEST(Http2Fields, LineBreaksAndOuterBlanks_DoNotLeave) {
  const Http2Fields fields(200, {{"x", " a\r\nb: c\t"}, {"y", " "}}, std::nullopt, "today");
  EXPECT_EQ(text(fields), ":status: 200\ndate: today\nx: a  b: c\ny: \n");
}

}  // namespace
}  // namespace caprock::server
