#include "aws/clock_skew.h"

#include <gtest/gtest.h>

namespace caprock::aws {
namespace {

using namespace std::chrono;

constexpr auto kNow = sys_days(year(2026) / 1 / 2) + 3h + 4min + 5s;

TEST(HttpDate, OfRfc9110_IsRead) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), base::WallTime(seconds(784'111'777)));
  EXPECT_EQ(parse_http_date("Wed, 31 Dec 2025 23:59:59 GMT"),
            base::WallTime(sys_days(year(2026) / 1 / 1) - 1s));
  EXPECT_EQ(parse_http_date("Fri, 02 Jan 2026 03:04:05 GMT"), base::WallTime(kNow));
}

TEST(HttpDate, AnythingElse_IsNothing) {
  for (const char* text :
       {"", "Sun, 06 Nov 1994 08:49:37 UTC", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nob 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1497 08:49:37 GMT",
        "Sun, 06 Nov 9999 08:49:37 GMT"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

TEST(ClockSkew, ClockThatIsFarOff_IsCorrectedOnce) {
  ClockSkew skew;
  const auto slow = kNow - 1h;
  EXPECT_TRUE(skew.learn("Fri, 02 Jan 2026 03:04:05 GMT", slow));
  EXPECT_EQ(skew.offset(), 1h);
  EXPECT_EQ(skew.corrected(slow), base::WallTime(kNow));
  EXPECT_FALSE(skew.learn("Fri, 02 Jan 2026 03:04:06 GMT", slow + 1s)) << "the refusal has another reason";
  EXPECT_EQ(skew.offset(), 1h);
}

TEST(ClockSkew, ClockSetRight_IsCorrectedBack) {
  ClockSkew skew;
  EXPECT_TRUE(skew.learn("Fri, 02 Jan 2026 03:04:05 GMT", kNow + 10min));
  EXPECT_EQ(skew.offset(), -10min);
  EXPECT_TRUE(skew.learn("Fri, 02 Jan 2026 03:04:05 GMT", kNow));
  EXPECT_EQ(skew.offset(), 0s);
}

TEST(ClockSkew, SmallDifferenceOrNoDate_ChangesNothing) {
  ClockSkew skew;
  EXPECT_FALSE(skew.learn("Fri, 02 Jan 2026 03:04:05 GMT", kNow + 239s));
  EXPECT_FALSE(skew.learn("yesterday", kNow));
  EXPECT_EQ(skew.offset(), 0s);
  EXPECT_TRUE(skew.learn("Fri, 02 Jan 2026 03:04:05 GMT", kNow + 240s));
}

}  // namespace
}  // namespace caprock::aws
