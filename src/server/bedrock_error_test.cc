#include "server/bedrock_error.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

using base::Error;
using base::ErrorCause;
using enum base::ErrorKind;

std::string answer_to(const Error& error) {
  const RenderedError told = render_bedrock_error(error, base::RequestId("r"));
  return std::to_string(told.status) + " " + std::string(told.headers.get("x-amzn-errortype"));
}

TEST(BedrockErrorTable, Causes_HaveBedrocksNames) {
  EXPECT_EQ(answer_to(Error(kDeadlineExceeded, "x").with_cause(ErrorCause::kModelTimeout)),
            "408 ModelTimeoutException");
  EXPECT_EQ(answer_to(Error(kUpstream, "x").with_cause(ErrorCause::kModelFault)), "424 ModelErrorException");
  EXPECT_EQ(answer_to(Error(kUpstream, "x").with_cause(ErrorCause::kServiceFault)),
            "500 InternalServerException");
  EXPECT_EQ(answer_to(Error(kUnavailable, "x").with_cause(ErrorCause::kServiceBusy)),
            "503 ServiceUnavailableException");
  EXPECT_EQ(answer_to(Error(kUnavailable, "x").with_cause(ErrorCause::kModelNotReady)),
            "429 ModelNotReadyException");
  EXPECT_EQ(answer_to(Error(kRateLimited, "x").with_cause(ErrorCause::kThrottled)),
            "429 ThrottlingException");
  EXPECT_EQ(answer_to(Error(kRateLimited, "x").with_cause(ErrorCause::kQuotaExceeded)),
            "400 ServiceQuotaExceededException");
  EXPECT_EQ(answer_to(Error(kInternal, "x").with_cause(ErrorCause::kQuotaExceeded)),
            "500 InternalServerException");
}

TEST(BedrockErrorTable, UnknownModel_IsAValidationErrorWithAwsWords) {
  const Error unknown = base::not_found("there is no provider").with_field("model");
  EXPECT_EQ(answer_to(unknown), "400 ValidationException");
  EXPECT_EQ(bedrock_error_json(unknown),
            R"({"message":"The provided model identifier is invalid. there is no provider"})");
  Error ended = base::not_found("end of its life").with_field("model");
  ended.origin.status = 404;
  EXPECT_EQ(answer_to(ended), "404 ResourceNotFoundException");
}

}  // namespace
}  // namespace caprock::server
