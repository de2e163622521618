#include "app/config/setting_value.h"

#include <gmock/gmock.h>

namespace caprock::app {
namespace {

using base::Bytes;
using base::Setting;
using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(ParseDuration, UnitsAndPlainSeconds_GiveMilliseconds) {
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("10s"), milliseconds(10'000));
  EXPECT_EQ(parse_duration("1.5m"), milliseconds(90'000));
  EXPECT_EQ(parse_duration("24h"), milliseconds(86'400'000));
  EXPECT_EQ(parse_duration("0.25"), milliseconds(250));
  for (const char* bad : {"", "s", "-1s", "10 parsecs", "1e300", "nan", "inf"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(ParseBytes, DecimalAndBinaryUnits_GiveBytes) {
  EXPECT_EQ(parse_bytes("64 KiB"), Bytes{65536});
  EXPECT_EQ(parse_bytes("100MB"), Bytes{100'000'000});
  EXPECT_EQ(parse_bytes("1.5 gib"), Bytes{1610612736});
  EXPECT_EQ(parse_bytes("25000000"), Bytes{25'000'000});
  for (const char* bad : {"", "MB", "-1", "1 zib", "1e300"}) EXPECT_FALSE(parse_bytes(bad)) << bad;
}

TEST(FormatQuantity, AnyValue_ReadsBackTheSame) {
  for (const std::int64_t ms : {0LL, 1LL, 999LL, 1000LL, 61'000LL, 60'000LL, 3'600'000LL, 90'061'001LL})
    EXPECT_EQ(parse_duration(format_duration(milliseconds(ms))), milliseconds(ms));
  for (const std::uint64_t n : {0ULL, 1ULL, 1000ULL, 1024ULL, 25'000'000ULL, 512ULL << 20, 1ULL << 40})
    EXPECT_EQ(parse_bytes(format_bytes({n})), Bytes{n});
  EXPECT_EQ(format_bytes({100'000'000}), "100 MB");
  EXPECT_EQ(format_duration(milliseconds(300'000)), "5m");
}

TEST(Assign, OutOfBounds_KeepsTheOldValueAndSaysWhatIsAllowed) {
  std::int64_t workers = 4;
  const Setting setting{.key = "workers", .target = &workers, .help = "", .min = 1, .max = 64};
  const Assigned assigned = assign_value(setting, std::int64_t{0});
  ASSERT_FALSE(assigned);
  EXPECT_EQ(assigned.error(), "is 0; must be a whole number from 1 to 64");
  EXPECT_EQ(workers, 4);
}

TEST(Assign, DurationAboveItsBound_TellsTheBoundWithAUnit) {
  milliseconds wait{1000};
  const Setting setting{.key = "wait", .target = &wait, .help = "", .min = 100, .max = 60'000};
  EXPECT_THAT(assign_text(setting, "2h").error(), HasSubstr("from 100ms to 1m"));
  ASSERT_TRUE(assign_text(setting, "2"));
  EXPECT_EQ(wait, milliseconds(2000));
}

TEST(Assign, Choice_OnlyTheNamedOnes) {
  std::string level = "info";
  const Setting setting{.key = "level", .target = &level, .help = "", .choices = {"debug", "info"}};
  EXPECT_EQ(assign_text(setting, "loud").error(), "is \"loud\"; must be one of \"debug\", \"info\"");
  EXPECT_TRUE(assign_text(setting, "debug"));
  EXPECT_EQ(level, "debug");
}

TEST(Assign, TextForTypedTargets_ReadsThem) {
  bool flag = false;
  double ratio = 0;
  std::vector<std::string> list;
  EXPECT_TRUE(assign_text({.key = "f", .target = &flag, .help = ""}, "on"));
  EXPECT_TRUE(assign_text({.key = "r", .target = &ratio, .help = ""}, "0.5"));
  EXPECT_TRUE(assign_text({.key = "l", .target = &list, .help = ""}, " a, b ,,c "));
  EXPECT_TRUE(flag);
  EXPECT_DOUBLE_EQ(ratio, 0.5);
  EXPECT_THAT(list, testing::ElementsAre("a", "b", "c"));
  EXPECT_FALSE(assign_text({.key = "f", .target = &flag, .help = ""}, "perhaps"));
  EXPECT_FALSE(assign_text({.key = "r", .target = &ratio, .help = ""}, "0,5"));
}

TEST(Assign, WrongSecret_IsNotInTheMessage) {
  base::Secret key;
  const Setting setting{.key = "key", .target = &key, .help = ""};
  EXPECT_EQ(assign_value(setting, std::int64_t{4711}).error(), "must be a text");
  EXPECT_TRUE(assign_value(setting, std::string("hush")));
  EXPECT_EQ(toml_value(setting), "\"***\"");
}

TEST(TomlQuote, ControlCharactersAndQuotes_AreEscaped) {
  EXPECT_EQ(toml_quote("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000A\"");
}

}  // namespace
}  // namespace caprock::app
