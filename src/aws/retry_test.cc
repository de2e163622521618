#include "aws/retry.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace caprock::aws {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kEver{1'000'000};

class RetriesTest : public testing::Test {
 protected:
  Retries retries() {
    return {settings_, quota_, [this] { return random_; }};
  }
  static AttemptFailure of(FailureClass kind) { return {.kind = kind}; }

  RetrySettings settings_;
  std::shared_ptr<RetryQuota> quota_ = std::make_shared<RetryQuota>(500);
  double random_ = 0.5;
};

TEST(ClassifyFailure, CodesAndStatuses_AreAsBedrockModelsThem) {
  using enum FailureClass;
  struct Row {
    int status;
    const char* code;
    FailureClass expected;
  };
  for (const Row& row : std::vector<Row>{
           {400, "ValidationException", kPermanent},
           {403, "AccessDeniedException", kPermanent},
           {404, "ResourceNotFoundException", kPermanent},
           {400, "ServiceQuotaExceededException", kPermanent},
           {429, "ThrottlingException", kThrottling},
           {429, "ModelNotReadyException", kTransient},
           {408, "ModelTimeoutException", kPermanent},
           {424, "ModelErrorException", kPermanent},
           {500, "InternalServerException", kTransient},
           {503, "ServiceUnavailableException", kTransient},
           {429, "", kThrottling},
           {429, "SomethingElse", kThrottling},
           {500, "", kTransient},
           {501, "", kPermanent},
           {502, "", kTransient},
           {503, "", kTransient},
           {504, "", kTransient},
           {503, "SlowDown", kThrottling},
           {400, "ProvisionedThroughputExceededException", kThrottling},
           {400, "RequestTimeout", kTransient},
           {400, "IDPCommunicationError", kTransient},
           {403, "RequestTimeTooSkewed", kClockSkew},
           {403, "InvalidSignatureException", kClockSkew},
           {403, "ExpiredTokenException", kCredentials},
           {0, "throttlingException", kThrottling},
           {0, "internalServerException", kTransient},
           {0, "serviceUnavailableException", kTransient},
           {0, "modelStreamErrorException", kPermanent},
           {0, "validationException", kPermanent},
           {429, "ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.service/",
            kThrottling},
           {400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", kThrottling},
           {400, "throttlingexception", kPermanent},
       })
    EXPECT_EQ(classify_failure(row.status, row.code), row.expected) << row.status << ' ' << row.code;
}

TEST(ErrorCode, PrefixAndSuffix_AreCut) {
  EXPECT_EQ(error_code("a.b#Code:http://x#y"), "Code");
  EXPECT_EQ(error_code("Code"), "Code");
  EXPECT_EQ(error_code(""), "");
}

TEST(RetryAfter, OnlyMilliseconds_AreRead) {
  EXPECT_EQ(parse_retry_after("1500"), 1500ms);
  EXPECT_EQ(parse_retry_after("0"), 0ms);
  EXPECT_EQ(parse_retry_after("9223372036854775807"), 86'400'000ms);
  for (const char* text : {"", "-1", "1.5", "1 s", " 1", "99999999999999999999"})
    EXPECT_FALSE(parse_retry_after(text)) << text;
}

TEST_F(RetriesTest, Waits_DoubleWithFullJitter) {
  settings_.max_attempts = 12;
  Retries transient = retries();
  Retries throttled = retries();
  for (const milliseconds wait : {25ms, 50ms, 100ms, 200ms}) {
    EXPECT_EQ(transient.after(of(FailureClass::kTransient), kEver), wait);
    EXPECT_EQ(throttled.after(of(FailureClass::kThrottling), kEver), wait * 20);
  }
  EXPECT_EQ(throttled.after(of(FailureClass::kThrottling), kEver), 8'000ms);
  EXPECT_EQ(throttled.after(of(FailureClass::kThrottling), kEver), 10'000ms) << "half of the most";
  random_ = 0;
  EXPECT_EQ(throttled.after(of(FailureClass::kThrottling), kEver), 0ms);
}

TEST_F(RetriesTest, Attempts_AreCountedWithTheFirst) {
  Retries three = retries();
  EXPECT_TRUE(three.after(of(FailureClass::kTransient), kEver));
  EXPECT_TRUE(three.after(of(FailureClass::kTransient), kEver));
  EXPECT_EQ(three.attempts(), 3);
  EXPECT_FALSE(three.after(of(FailureClass::kTransient), kEver));
  settings_.max_attempts = 1;
  EXPECT_FALSE(retries().after(of(FailureClass::kTransient), kEver));
}

TEST_F(RetriesTest, WhatCannotBeTakenBack_IsNotTriedAgain) {
  EXPECT_FALSE(retries().after({.kind = FailureClass::kTransient, .reached_client = true}, kEver));
  EXPECT_FALSE(retries().after({.kind = FailureClass::kTransient, .sent_timeout = true}, kEver));
  EXPECT_FALSE(retries().after(of(FailureClass::kPermanent), kEver));
  EXPECT_EQ(quota_->available(), 500);
  settings_.after_sent_timeout = true;
  EXPECT_TRUE(retries().after({.kind = FailureClass::kTransient, .sent_timeout = true}, kEver));
  EXPECT_FALSE(retries().after(
      {.kind = FailureClass::kTransient, .sent_timeout = true, .reached_client = true}, kEver));
}

TEST_F(RetriesTest, Correction_IsTriedOnceAndAtOnce) {
  for (const FailureClass kind : {FailureClass::kClockSkew, FailureClass::kCredentials}) {
    Retries some = retries();
    EXPECT_FALSE(some.after(of(kind), kEver)) << "nothing was corrected";
    EXPECT_EQ(some.after({.kind = kind, .corrected = true}, kEver), 0ms);
    EXPECT_FALSE(some.after({.kind = kind, .corrected = true}, kEver));
  }
}

TEST_F(RetriesTest, RetryAfter_LengthensByFiveSecondsAtMost) {
  const auto wait = [&](milliseconds retry_after) {
    return retries().after({.kind = FailureClass::kThrottling, .retry_after = retry_after}, kEver);
  };
  EXPECT_EQ(wait(100ms), 500ms) << "never shorter than the back-off";
  EXPECT_EQ(wait(1'500ms), 1'500ms);
  EXPECT_EQ(wait(60'000ms), 5'500ms);
}

TEST_F(RetriesTest, WaitBeyondTheDeadline_IsNotBegun) {
  EXPECT_FALSE(retries().after(of(FailureClass::kThrottling), 500ms));
  EXPECT_TRUE(retries().after(of(FailureClass::kThrottling), 501ms));
  EXPECT_FALSE(retries().after(of(FailureClass::kTransient), 0ms));
  EXPECT_EQ(quota_->available(), 495);
}

TEST_F(RetriesTest, Quota_IsTakenAndGivenBack) {
  Retries some = retries();
  some.after(of(FailureClass::kTransient), kEver);
  EXPECT_EQ(quota_->available(), 486);
  some.after(of(FailureClass::kThrottling), kEver);
  EXPECT_EQ(quota_->available(), 481);
  some.succeeded();
  EXPECT_EQ(quota_->available(), 486) << "what the last one took";
  retries().succeeded();
  EXPECT_EQ(quota_->available(), 487);
  for (int i = 0; i < 100; ++i) retries().succeeded();
  EXPECT_EQ(quota_->available(), 500);
}

TEST_F(RetriesTest, EmptyQuota_EndsRetriesUntilSuccesses) {
  quota_ = std::make_shared<RetryQuota>(14);
  EXPECT_TRUE(retries().after(of(FailureClass::kTransient), kEver));
  EXPECT_FALSE(retries().after(of(FailureClass::kTransient), kEver));
  EXPECT_FALSE(retries().after(of(FailureClass::kThrottling), kEver));
  for (int i = 0; i < 5; ++i) retries().succeeded();
  EXPECT_TRUE(retries().after(of(FailureClass::kThrottling), kEver));
}

TEST(RetryQuotas, EachAccountRegionAndModel_HasItsOwn) {
  RetryQuotas quotas(10);
  EXPECT_TRUE(quotas.of("1", "eu", "m")->take(10));
  EXPECT_FALSE(quotas.of("1", "eu", "m")->take(1));
  EXPECT_TRUE(quotas.of("2", "eu", "m")->take(1));
  EXPECT_TRUE(quotas.of("1", "us", "m")->take(1));
  EXPECT_TRUE(quotas.of("1", "eu", "n")->take(1));
  EXPECT_TRUE(quotas.of("1e", "u", "m")->take(1));
}

TEST(RetryQuotas, NamesWithoutEnd_StayBounded) {
  RetryQuotas quotas(10, 8);
  quotas.of("1", "eu", "used")->take(1);
  const auto held = quotas.of("1", "eu", "held");
  for (int i = 0; i < 1000; ++i) quotas.of("1", "eu", "m" + std::to_string(i));
  EXPECT_LE(quotas.names(), 8U);
  EXPECT_EQ(quotas.of("1", "eu", "used")->available(), 9);
  EXPECT_EQ(quotas.of("1", "eu", "held"), held);
  for (int i = 0; i < 100; ++i) quotas.of("1", "eu", "drained" + std::to_string(i))->take(1);
  EXPECT_LE(quotas.names(), 8U);
}

TEST(RetryQuotas, FromManyThreads_LoseNothing) {
  RetryQuotas quotas(1'000'000);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) quotas.of("1", "eu", "m")->take(2), quotas.of("1", "eu", "m")->give(1);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(quotas.of("1", "eu", "m")->available(), 1'000'000 - 4000);
}

}  // namespace
}  // namespace caprock::aws
