#include "base/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace caprock::base {
namespace {

TEST(Error, Table_HasOneRowAKind) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(ErrorKind::kOutOfSpace); ++i) {
    const ErrorTraits& row = traits(static_cast<ErrorKind>(i));
    EXPECT_EQ(static_cast<int>(row.kind), i);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_GE(row.http_status, 400);
  }
}

TEST(Error, Cause_DecidesWhetherToTryAgain) {
  EXPECT_TRUE(retryable(Error(ErrorKind::kUpstream, "x")));
  EXPECT_FALSE(retryable(Error(ErrorKind::kUpstream, "x").with_cause(ErrorCause::kModelFault)));
  EXPECT_FALSE(retryable(Error(ErrorKind::kRateLimited, "x").with_cause(ErrorCause::kQuotaExceeded)));
  EXPECT_TRUE(retryable(Error(ErrorKind::kUnavailable, "x").with_cause(ErrorCause::kModelNotReady)));
  EXPECT_FALSE(retryable(Error(ErrorKind::kInvalidArgument, "x")));
}

TEST(Error, InternalError_KeepsDetailFromTheClient) {
  const Error error = internal_error("row 7 of /var/lib is torn");
  EXPECT_EQ(error.message, "internal error");
  EXPECT_EQ(error.detail, "row 7 of /var/lib is torn");
}

}  // namespace
}  // namespace caprock::base
