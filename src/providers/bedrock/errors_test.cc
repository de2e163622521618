#include "providers/bedrock/errors.h"

#include <gtest/gtest.h>

namespace caprock::providers::bedrock {
namespace {

using enum base::ErrorKind;

const CallPlace kPlace{.model = "m", .region = "us-east-1"};

base::Error answered(int status, const std::string& type, const std::string& message,
                     net::HttpHeaders headers = {}) {
  headers.emplace_back("x-amzn-ErrorType", type + ":http://internal.amazon.com/coral/com.amazon.bedrock/");
  headers.emplace_back("x-amzn-RequestId", "r-1");
  return error_of_answer(kPlace, status, headers, "{\"message\":\"" + message + "\"}");
}

TEST(BedrockError, EveryType_HasItsKind) {
  EXPECT_EQ(answered(400, "ValidationException", "x").kind, kInvalidArgument);
  EXPECT_EQ(answered(403, "AccessDeniedException", "x").kind, kPermissionDenied);
  EXPECT_EQ(answered(404, "ResourceNotFoundException", "x").kind, kNotFound);
  EXPECT_EQ(answered(400, "ConflictException", "x").kind, kConflict);
  EXPECT_EQ(answered(400, "ServiceQuotaExceededException", "x").kind, kRateLimited);
  EXPECT_EQ(answered(429, "ThrottlingException", "x").kind, kRateLimited);
  EXPECT_EQ(answered(429, "ModelNotReadyException", "x").kind, kUnavailable);
  EXPECT_EQ(answered(408, "ModelTimeoutException", "x").kind, kDeadlineExceeded);
  EXPECT_EQ(answered(424, "ModelErrorException", "x").kind, kUpstream);
  EXPECT_EQ(answered(500, "InternalServerException", "x").kind, kUpstream);
  EXPECT_EQ(answered(503, "ServiceUnavailableException", "x").kind, kUnavailable);
}

TEST(BedrockError, Cause_SaysWhatAwsSaysOfTryingAgain) {
  using enum base::ErrorCause;
  const auto cause = [](int status, const char* type) { return answered(status, type, "x").cause; };
  EXPECT_EQ(cause(429, "ThrottlingException"), kThrottled);
  EXPECT_EQ(cause(400, "ServiceQuotaExceededException"), kQuotaExceeded);
  EXPECT_EQ(cause(429, "ModelNotReadyException"), kModelNotReady);
  EXPECT_EQ(cause(408, "ModelTimeoutException"), kModelTimeout);
  EXPECT_EQ(cause(424, "ModelErrorException"), kModelFault);
  EXPECT_EQ(cause(500, "InternalServerException"), kServiceFault);
  EXPECT_EQ(cause(503, "ServiceUnavailableException"), kServiceBusy);
  EXPECT_EQ(cause(403, "ExpiredTokenException"), kCredentials);
  EXPECT_EQ(cause(403, "InvalidSignatureException"), kClockSkew);
  EXPECT_EQ(cause(400, "ValidationException"), kUnsaid);
  EXPECT_EQ(error_of_answer(kPlace, 500, {}, "<html>").cause, kServiceFault);
  EXPECT_EQ(error_of_exception(kPlace, "modelTimeoutException", "{}").cause, kModelTimeout);
  EXPECT_EQ(broken_answer(kPlace, "x").cause, kBrokenOff);
}

TEST(BedrockError, UnknownModel_IsNotFound) {
  const auto unknown = answered(400, "ValidationException", "The provided model identifier is invalid.");
  EXPECT_EQ(unknown.kind, kNotFound);
  EXPECT_EQ(unknown.origin.status, 400);
  EXPECT_EQ(answered(400, "ValidationException",
                     "Invocation of model ID x with on-demand throughput isn’t supported.")
                .kind,
            kInvalidArgument);
}

TEST(BedrockError, ThrottlingAboutTokens_IsNeverAPromptThatIsTooLong) {
  const auto throttled =
      answered(429, "ThrottlingException",
               "Too many input tokens, please wait before trying again. Input is too long");
  EXPECT_EQ(throttled.kind, kRateLimited);
  EXPECT_TRUE(throttled.field.empty());
  for (const char* message :
       {"Input is too long for requested model.",
        "The model returned the following errors: prompt is too long: 5 tokens > 4 maximum",
        "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9000 "}) {
    const auto longer = answered(400, "ValidationException", message);
    EXPECT_EQ(longer.kind, kUnprocessable) << message;
    EXPECT_EQ(longer.field, "messages");
    EXPECT_EQ(longer.message, message);
  }
}

TEST(BedrockError, RefusedCredentials_AreTheOperatorsMatter) {
  for (const char* type :
       {"InvalidSignatureException", "UnrecognizedClientException", "ExpiredTokenException"}) {
    const auto refused = answered(403, type, "The security token AKIA… is invalid");
    EXPECT_EQ(refused.kind, kInternal) << type;
    EXPECT_EQ(refused.message.find("AKIA"), std::string::npos);
    EXPECT_TRUE(refused.detail.starts_with(type)) << refused.detail;
  }
}

TEST(BedrockError, Model_IsNamedAsTheField) {
  EXPECT_EQ(answered(400, "ValidationException", "The provided model identifier is invalid.").field, "model");
  EXPECT_EQ(answered(404, "ResourceNotFoundException", "end of its life").field, "model");
}

TEST(BedrockError, Type_IsFoundInTheBodyToo) {
  const auto error = error_of_answer(
      kPlace, 429, {}, R"({"__type":"com.amazon.bedrock#ThrottlingException","Message":"slow"})");
  EXPECT_EQ(error.kind, kRateLimited);
  EXPECT_EQ(error.message, "slow");
}

TEST(BedrockError, Wait_IsWhatTheHeadersSay) {
  EXPECT_EQ(answered(429, "ThrottlingException", "x", {{"retry-after", "7"}}).retry_after,
            std::chrono::seconds(7));
  EXPECT_EQ(answered(429, "ThrottlingException", "x", {{"x-amz-retry-after", "1500"}}).retry_after,
            std::chrono::seconds(2));
  EXPECT_EQ(answered(429, "ThrottlingException", "x", {{"retry-after", "soon"}}).retry_after, std::nullopt);
}

TEST(BedrockError, Origin_IsForTheLog) {
  const auto error = answered(500, "InternalServerException", "x");
  EXPECT_EQ(error.origin.component, "bedrock");
  EXPECT_EQ(error.origin.model, "m");
  EXPECT_EQ(error.origin.request_id, "r-1");
  EXPECT_EQ(error.origin.status, 500);
}

TEST(BedrockError, PageOfAProxy_GoesByStatus) {
  EXPECT_EQ(error_of_answer(kPlace, 502, {}, "<html>").kind, kUnavailable);
  EXPECT_EQ(error_of_answer(kPlace, 418, {}, "").message, "Bedrock answered with an error of status 418");
}

TEST(BedrockError, Exceptions_OfStreamsBeginInLowerCase) {
  const auto throttled =
      error_of_exception(kPlace, "throttlingException", R"({"message":"Too many tokens"})");
  EXPECT_EQ(throttled.kind, kRateLimited);
  EXPECT_EQ(throttled.detail, "ThrottlingException: Too many tokens");
  EXPECT_EQ(error_of_exception(kPlace, "modelStreamErrorException",
                               R"({"originalMessage":"x","originalStatusCode":500})")
                .message,
            "x");
}

TEST(BedrockError, DisguisedAsSuccess_IsSeen) {
  EXPECT_TRUE(is_disguised_error(
      R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"})"));
  EXPECT_FALSE(is_disguised_error(R"({"output":{"message":{"content":[{"text":"\"__type\""}]}}})"));
}

}  // namespace
}  // namespace caprock::providers::bedrock
