#include "providers/bedrock/native_meter.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "providers/bedrock/testing.h"

namespace caprock::providers::bedrock {
namespace {

using enum llm::NativeOperation;

const net::HttpHeaders kJson{{"Content-Type", "application/json"}};
const net::HttpHeaders kStream{{"Content-Type", "application/vnd.amazon.eventstream"}};
constexpr std::string_view kClaude = "anthropic.claude-3-haiku-20240307-v1:0";

NativeMeter meter(llm::NativeOperation operation, const net::HttpHeaders& headers,
                  std::string_view model = kClaude, int status = 200) {
  return {
      operation, {.model = std::string(model), .region = "us-east-1", .request_id = "r"}, status, headers};
}

std::string chunk(const std::string& event) {
  return testing::event_stream({{"chunk", R"({"bytes":")" + base::base64_encode(event) + R"(","p":"ab"})"}});
}

const std::string kLastChunk = chunk(
    R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":5,"invocationLatency":42,"firstByteLatency":7,"cacheReadInputTokenCount":3,"cacheWriteInputTokenCount":2}})");

TEST(NativeMeter, ConverseReply_UsageIsFoundWhereverItStands) {
  const std::string usage =
      R"("usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7,"cacheReadInputTokens":2,"cacheWriteInputTokens":1,"cacheDetails":[{"ttl":"1h","inputTokens":1}]})";
  const std::string output =
      R"("output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{"usage":{"inputTokens":99}}}}]}})";
  for (const std::string& body : {"{" + output + "," + usage + R"(,"metrics":{"latencyMs":5}})",
                                  "{" + usage + "," + output + R"(,"metrics":{"latencyMs":5}})"}) {
    for (std::size_t cut = 0; cut < body.size(); ++cut) {
      NativeMeter look = meter(kConverse, kJson);
      look.push(std::string_view(body).substr(0, cut));
      look.push(std::string_view(body).substr(cut));
      ASSERT_TRUE(look.finish());
      EXPECT_TRUE(look.metadata().usage_known);
      EXPECT_EQ(look.metadata().usage.input_tokens, 3);
      EXPECT_EQ(look.metadata().usage.cache_write_1h_tokens, 1);
      EXPECT_EQ(look.metadata().latency_ms, 5);
    }
  }
}

TEST(NativeMeter, LargeReply_UsageAtItsEndIsFound) {
  NativeMeter look = meter(kConverse, kJson);
  look.push(R"({"output":{"message":{"content":[{"text":")");
  for (int i = 0; i < 100; ++i) look.push(std::string(10'000, 'x'));
  look.push(R"("}]}},"usage":{"inputTokens":3,"outputTokens":4}})");
  ASSERT_TRUE(look.finish());
  EXPECT_EQ(look.metadata().usage.output_tokens, 4);
}

TEST(NativeMeter, ErrorDisguisedAsSuccess_IsAnError) {
  NativeMeter look = meter(kConverse, kJson);
  look.push(R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"})");
  EXPECT_FALSE(look.finish());
  NativeMeter real = meter(kConverse, kJson, kClaude, 400);
  real.push(R"({"__type":"ValidationException"})");
  EXPECT_TRUE(real.finish());
}

TEST(NativeMeter, InvokeReply_IsCountedByItsHeaders) {
  NativeMeter look = meter(kInvoke, {{"Content-Type", "application/json"},
                                     {"X-Amzn-Bedrock-Input-Token-Count", "11"},
                                     {"X-Amzn-Bedrock-Output-Token-Count", "5"},
                                     {"X-Amzn-Bedrock-Cache-Write-Input-Token-Count", "4"},
                                     {"X-Amzn-Bedrock-Invocation-Latency", "42"}});
  look.push(
      R"({"content":[],"usage":{"input_tokens":11,"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":3}}})");
  ASSERT_TRUE(look.finish());
  EXPECT_EQ(look.metadata().usage.input_tokens, 11);
  EXPECT_EQ(look.metadata().usage.cache_write_tokens, 4);
  EXPECT_EQ(look.metadata().usage.cache_write_1h_tokens, 3);
  EXPECT_EQ(look.metadata().latency_ms, 42);
}

TEST(NativeMeter, ConverseStream_CutAnywhereIsNoEnd) {
  const std::string stream = testing::hello();
  for (std::size_t cut = 0; cut < stream.size(); ++cut) {
    NativeMeter look = meter(kConverseStream, kStream);
    look.push(std::string_view(stream).substr(0, cut));
    EXPECT_FALSE(look.finish()) << cut;
  }
  NativeMeter look = meter(kConverseStream, kStream);
  look.push(stream);
  EXPECT_TRUE(look.finish());
  EXPECT_TRUE(look.between_events());
  EXPECT_EQ(look.metadata().usage.input_tokens, 3);
  EXPECT_EQ(look.metadata().model, kClaude);
}

TEST(NativeMeter, ExceptionInTheStream_IsItsEndAndTold) {
  std::string stream = testing::event_stream({{"messageStart", "{}"}});
  ASSERT_TRUE(aws::append_exception(stream, "throttlingException", R"({"message":"slow"})"));
  NativeMeter look = meter(kConverseStream, kStream);
  look.push(stream);
  EXPECT_TRUE(look.finish());
  ASSERT_TRUE(look.error());
  EXPECT_EQ(look.error()->kind, base::ErrorKind::kRateLimited);
}

TEST(NativeMeter, InvokeStream_IsCountedByItsLastChunk) {
  const std::string stream = chunk(R"({"type":"message_start"})") + kLastChunk;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    NativeMeter look = meter(kInvokeStream, kStream);
    look.push(std::string_view(stream).substr(0, cut));
    look.push(std::string_view(stream).substr(cut));
    ASSERT_TRUE(look.finish());
    EXPECT_EQ(look.metadata().usage.input_tokens, 7);
    EXPECT_EQ(look.metadata().usage.cache_read_tokens, 3);
  }
}

TEST(NativeMeter, InvokeStreamWithoutCounts_EndsOnlyForModelsThatAreNotKnown) {
  const std::string stream = chunk(R"({"type":"message_start"})");
  NativeMeter claude = meter(kInvokeStream, kStream);
  claude.push(stream);
  EXPECT_FALSE(claude.finish());
  EXPECT_TRUE(claude.between_events());
  NativeMeter imported = meter(kInvokeStream, kStream, "arn:aws:bedrock:us-east-1:1:imported-model/abc");
  imported.push(stream);
  EXPECT_TRUE(imported.finish());
  EXPECT_FALSE(imported.metadata().usage_known);
}

TEST(NativeMeter, ChangedByteInALength_LeavesNoPlaceForAnotherEvent) {
  std::string stream = testing::hello();
  stream[2] ^= 1;
  NativeMeter look = meter(kConverseStream, kStream);
  look.push(stream);
  EXPECT_FALSE(look.between_events());
  EXPECT_FALSE(look.finish());
}

}  // namespace
}  // namespace caprock::providers::bedrock
