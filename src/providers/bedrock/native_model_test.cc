#include "providers/bedrock/native_model.h"

#include <gmock/gmock.h>

#include "providers/bedrock/testing.h"

namespace caprock::providers::bedrock {
namespace {

using llm::NativeOperation;
using net::testing::ScriptedServer;
using net::testing::ServerConnection;
using testing::answer;
using ::testing::HasSubstr;
using testing::Peer;

/// What came of a call, all of it.
struct Outcome {
  int status = 0;
  std::string body;
  std::string request_id;
  bool between = false;
  std::optional<base::Error> said;    ///< by Bedrock
  std::optional<base::Error> broken;  ///< the answer broke off
  llm::StreamMetadata metadata;
};

base::Awaitable<base::Result<Outcome>> make(std::shared_ptr<Caller> caller, llm::NativeCall call) {
  BedrockNativeModel model(std::move(caller), std::make_shared<ApiChoice>(Settings()));
  const base::RequestContext context;
  CAPROCK_CO_TRY(const auto reply, co_await model.call(context, call));
  Outcome out{.status = reply->status()};
  out.request_id = net::header_value(reply->headers(), "x-amzn-requestid");
  while (true) {
    auto piece = co_await reply->read(context);
    if (!piece) out.broken = piece.error();
    if (!piece || !*piece) break;
    out.body += **piece;
  }
  out.between = reply->between_events();
  if (reply->error() != nullptr) out.said = *reply->error();
  out.metadata = reply->metadata();
  co_return out;
}

TEST(BedrockNative, Call_IsAddressedSignedAndOtherwiseAsItCame) {
  std::string seen;
  Peer peer([&](ServerConnection& connection) {
    seen = connection.read_request();
    connection.write(answer(R"({"usage":{"inputTokens":3,"outputTokens":1}})"));
  });
  const auto got = peer.run(make(
      peer.caller, {.operation = NativeOperation::kConverse,
                    .model = "arn:aws:bedrock:us-east-1:1:inference-profile/us.x",
                    .headers = {{"content-type", "application/json"}, {"X-Amzn-Bedrock-Trace", "ENABLED"}},
                    .body = " {\"messages\" : [1e0] }\n"}));
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got->body, R"({"usage":{"inputTokens":3,"outputTokens":1}})");
  EXPECT_EQ(got->request_id, "r-1");
  EXPECT_EQ(got->metadata.usage.input_tokens, 3);
  EXPECT_THAT(
      seen,
      HasSubstr("POST /model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/converse "));
  EXPECT_THAT(seen, HasSubstr("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amzn-"
                              "bedrock-trace, "));
  EXPECT_TRUE(seen.ends_with("\r\n\r\n {\"messages\" : [1e0] }\n"));
}

TEST(BedrockNative, EveryOperation_HasItsPath) {
  std::vector<std::string> lines;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
    lines.push_back(request.substr(0, request.find(" HTTP")));
    return answer("{}");
  }));
  const std::vector<llm::NativeCall> calls{
      {.operation = NativeOperation::kInvokeStream, .model = "m:0"},
      {.operation = NativeOperation::kCountTokens, .model = "m"},
      {.operation = NativeOperation::kApplyGuardrail, .labels = {"a/b", "DRAFT"}},
      {.operation = NativeOperation::kRerank},
      {.operation = NativeOperation::kStartAsyncInvoke},
      {.operation = NativeOperation::kGetAsyncInvoke, .labels = {"arn:x"}},
      {.operation = NativeOperation::kListAsyncInvokes, .query = "statusEquals=Failed"}};
  for (const auto& call : calls) EXPECT_TRUE(peer.run(make(peer.caller, call)));
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "POST /model/m%3A0/invoke-with-response-stream", "POST /model/m/count-tokens",
                       "POST /guardrail/a%2Fb/version/DRAFT/apply", "POST /rerank", "POST /async-invoke",
                       "GET /async-invoke/arn%3Ax", "GET /async-invoke?statusEquals=Failed"}));
}

TEST(BedrockNative, Refusal_IsAReplyThatSaysWhatItMeans) {
  Peer peer(ScriptedServer::answering([](const std::string&) {
    return answer(R"({"message":"Slow down"})", "429 Too Many Requests",
                  "x-amzn-ErrorType: ThrottlingException\r\nretry-after: 7\r\n");
  }));
  const auto got = peer.run(make(peer.caller, {.operation = NativeOperation::kConverse, .model = "m"}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 429);
  EXPECT_EQ(got->body, R"({"message":"Slow down"})");
  ASSERT_TRUE(got->said);
  EXPECT_EQ(got->said->kind, base::ErrorKind::kRateLimited);
  EXPECT_EQ(got->said->retry_after, std::chrono::seconds(7));
}

// So that another one may follow, which says what happened.
TEST(BedrockNative, StreamThatBreaks_HasPassedWholeEventsOnly) {
  const std::string stream = testing::hello();
  const std::string first = testing::event_stream({{"messageStart", R"({"role":"assistant","p":"a"})"}});
  for (const std::size_t cut : {first.size(), first.size() + 20}) {
    Peer peer([&](ServerConnection& connection) {
      connection.read_request();
      connection.write(
          "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\n"
          "Content-Length: 9999\r\n\r\n" +
          stream.substr(0, cut));
    });
    const auto got =
        peer.run(make(peer.caller, {.operation = NativeOperation::kConverseStream, .model = "m"}));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->body, first);
    EXPECT_TRUE(got->broken);
    EXPECT_TRUE(got->between);
  }
}

TEST(BedrockNative, DamagedPrelude_EndsTheStreamBehindTheLastWholeEvent) {
  const std::string first = testing::event_stream({{"messageStart", R"({"role":"assistant","p":"a"})"}});
  std::string stream = testing::hello();
  ASSERT_TRUE(stream.starts_with(first));
  stream[first.size() + 2] ^= 1;
  Peer peer([&](ServerConnection& connection) {
    connection.read_request();
    connection.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nContent-Length: " +
        std::to_string(stream.size()) + "\r\n\r\n" + stream);
  });
  const auto got = peer.run(make(peer.caller, {.operation = NativeOperation::kConverseStream, .model = "m"}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, first);
  EXPECT_TRUE(got->broken && got->between);
}

TEST(BedrockNative, EventThatIsTooLargeToHold_GoesOnAsItComes) {
  std::string stream =
      testing::event_stream({{"contentBlockDelta", "{\"x\":\"" + std::string(100'000, 'x') + "\"}"}});
  const std::string part = stream.substr(0, 90'000);
  Peer peer([&](ServerConnection& connection) {
    connection.read_request();
    connection.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nContent-Length: "
        "100000\r\n\r\n" +
        part);
  });
  const auto got = peer.run(make(peer.caller, {.operation = NativeOperation::kConverseStream, .model = "m"}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, part);
  EXPECT_TRUE(got->broken);
  EXPECT_FALSE(got->between);
}

}  // namespace
}  // namespace caprock::providers::bedrock
