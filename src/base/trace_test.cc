#include "base/trace.h"

#include <gtest/gtest.h>

namespace caprock::base {
namespace {

constexpr std::string_view kHeader = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Trace, ValidHeader_ContinuesWithANewSpan) {
  const auto trace = continue_trace(kHeader);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace->parent_id, "00f067aa0ba902b7");
  EXPECT_NE(trace->span_id, trace->parent_id);
  EXPECT_TRUE(trace->sampled);
  EXPECT_TRUE(continue_trace(trace->traceparent()));
}

TEST(Trace, LaterVersion_MayHaveMoreFields) {
  EXPECT_TRUE(continue_trace("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what"));
  EXPECT_FALSE(continue_trace(std::string(kHeader) + "-what"));
}

TEST(Trace, MalformedHeader_IsIgnored) {
  EXPECT_FALSE(continue_trace(""));
  EXPECT_FALSE(continue_trace("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(continue_trace("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  EXPECT_FALSE(continue_trace("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(continue_trace("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
}

TEST(Trace, Uuid_HasVersionAndVariant) {
  const std::string id = new_uuid();
  ASSERT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '7');
  EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos);
  EXPECT_NE(id, new_uuid());
}

}  // namespace
}  // namespace caprock::base
