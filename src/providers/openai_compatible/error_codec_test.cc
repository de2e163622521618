#include "providers/openai_compatible/error_codec.h"

#include <gtest/gtest.h>

namespace caprock::providers::openai {
namespace {

using enum base::ErrorKind;

base::Error error(int status, std::string_view body, net::HttpHeaders headers = {},
                  std::string_view name = "openai") {
  return error_of(*dialect_named(name), "gpt-x", status, headers, body);
}

TEST(OpenAiErrors, ThrottlingAndOverflow_AreNeverMistaken) {
  const auto throttled = error(
      429,
      R"({"error":{"message":"Rate limit reached: maximum context length of tokens per min","type":"tokens"}})",
      {{"Retry-After", "7"}, {"x-request-id", "r-1"}});
  EXPECT_EQ(throttled.kind, kRateLimited);
  EXPECT_EQ(throttled.retry_after, std::chrono::seconds(7));
  EXPECT_EQ(throttled.field, "");
  EXPECT_EQ(throttled.origin.request_id, "r-1");
  EXPECT_EQ(throttled.origin.status, 429);

  for (
      const char* body :
      {R"({"error":{"message":"x","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
       R"({"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}})",
       R"({"object":"error","message":"This model's maximum context length is 4096 tokens. However, …","type":"BadRequestError","param":null,"code":400})",
       R"({"error":{"message":"prompt is too long: 210000 tokens > 200000 maximum"}})"}) {
    const auto overflow = error(400, body);
    EXPECT_EQ(overflow.kind, kUnprocessable) << body;
    EXPECT_EQ(overflow.field, "messages") << body;
  }
}

TEST(OpenAiErrors, MaxTokensTooLarge_IsTheFieldNotThePrompt) {
  const auto e = error(
      400,
      R"({"error":{"message":"'max_tokens' is too large: 9999. This model's maximum context length is 4096","param":"max_tokens","code":400}})",
      {}, "vllm");
  EXPECT_EQ(e.kind, kInvalidArgument);
  EXPECT_EQ(e.field, "max_tokens");
}

TEST(OpenAiErrors, RefusedCredentials_AreTheOperatorsMatter) {
  const auto e =
      error(401, R"({"error":{"message":"Incorrect API key provided: sk-abc","code":"invalid_api_key"}})");
  EXPECT_EQ(e.kind, kInternal);
  EXPECT_NE(e.message.find("OPENAI_API_KEY"), std::string::npos);
  EXPECT_EQ(e.message.find("sk-abc"), std::string::npos);
  EXPECT_EQ(error(402, "{}", {}, "openrouter").kind, kInternal);
  EXPECT_EQ(error(429, R"({"error":{"message":"You exceeded your quota","code":"insufficient_quota"}})").kind,
            kInternal);
}

TEST(OpenAiErrors, ContentFilter_IsNoOverflow) {
  const auto e = error(400, R"({"error":{"message":"…content management policy…","code":"content_filter"}})");
  EXPECT_EQ(e.kind, kUnprocessable);
  EXPECT_EQ(e.field, "");
  EXPECT_EQ(
      error(403, R"({"error":{"code":403,"message":"requires moderation on …"}})", {}, "openrouter").kind,
      kUnprocessable);
}

TEST(OpenAiErrors, UnknownModel_IsTellsFromAWrongAddress) {
  const auto model =
      error(404, R"({"error":{"message":"model 'x' not found","type":"not_found_error"}})", {}, "ollama");
  EXPECT_EQ(model.kind, kNotFound);
  EXPECT_EQ(model.field, "model");
  EXPECT_EQ(error(404, "<html>not here</html>").kind, kInternal);
  EXPECT_EQ(error(302, "").kind, kInternal);
}

TEST(OpenAiErrors, TroubleOfTheServer_MayBeTriedAgain) {
  EXPECT_EQ(error(500, "oops").kind, kUpstream);
  EXPECT_EQ(error(504, "").kind, kDeadlineExceeded);
  const auto loading = error(503, R"({"error":{"code":503,"message":"Loading model"}})",
                             {{"retry-after-ms", "1500"}, {"retry-after", "9"}});
  EXPECT_EQ(loading.kind, kUnavailable);
  EXPECT_EQ(loading.retry_after, std::chrono::seconds(2));
}

TEST(OpenAiErrors, BadField_IsNamed) {
  const auto e = error(400, R"({"error":{"message":"Invalid value","param":"tools[0].function.name"}})");
  EXPECT_EQ(e.kind, kInvalidArgument);
  EXPECT_EQ(e.field, "tools[0].function.name");
  EXPECT_EQ(error(422, R"({"detail":[{"loc":["body"],"msg":"field required"}]})", {}, "vllm").kind,
            kInvalidArgument);
  EXPECT_EQ(error(413, "").kind, kPayloadTooLarge);
}

}  // namespace
}  // namespace caprock::providers::openai
