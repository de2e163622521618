#include "base/money.h"

#include <gtest/gtest.h>

#include <random>

namespace caprock::base {
namespace {

TEST(NanoUsd, Text_ReadsBackAsTheSameAmount) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const NanoUsd amount(static_cast<std::int64_t>(random()) >> (i % 63));
    EXPECT_EQ(parse_dollars(amount.text()), amount) << amount.text();
  }
  for (const std::int64_t end :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(parse_dollars(NanoUsd(end).text()), NanoUsd(end));
}

TEST(NanoUsd, Text_IsWhatAPersonWouldWrite) {
  EXPECT_EQ(NanoUsd(1'230'000).text(), "0.00123");
  EXPECT_EQ(NanoUsd(12'500'000'000).text(), "12.5");
  EXPECT_EQ(NanoUsd(-3'000'000'000).text(), "-3");
  EXPECT_EQ(NanoUsd(0).text(), "0");
  EXPECT_EQ(NanoUsd(-1).text(), "-0.000000001");
}

TEST(ParseDollars, WhatIsNoExactAmount_SaysWhy) {
  for (const char* text :
       {"", "-", ".", "1.", ".5", "1e3", "0x1", " 1", "1 ", "+1", "inf", "nan", "1,5", "--1"})
    EXPECT_EQ(parse_dollars(text), std::unexpected("is not a decimal number")) << text;
  EXPECT_EQ(parse_dollars("0.0000000001"), std::unexpected("has more than nine decimal places"));
  EXPECT_EQ(parse_dollars("0.1000000000"), NanoUsd(100'000'000));
  EXPECT_EQ(parse_dollars("9223372036.854775808"), std::unexpected("is out of range"));
  EXPECT_EQ(parse_dollars("99999999999999999999999999"), std::unexpected("is out of range"));
}

TEST(NanoUsd, SumsBeyondTheRange_StayAtItsEnd) {
  EXPECT_EQ(NanoUsd::most() + NanoUsd(1), NanoUsd::most());
  EXPECT_EQ(NanoUsd(-2) - NanoUsd::most(), NanoUsd(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(NanoUsd::most() - NanoUsd(-1), NanoUsd::most());
  EXPECT_EQ(NanoUsd(5) - NanoUsd(7), NanoUsd(-2));
}

}  // namespace
}  // namespace caprock::base
