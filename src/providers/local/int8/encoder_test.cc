#include "providers/local/int8/encoder.h"

#include <gmock/gmock.h>

#include "providers/local/int8/testing.h"

namespace caprock::providers::int8 {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using Tokens = std::vector<std::int32_t>;

class EncoderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!supported()) GTEST_SKIP() << "this processor has no AVX512-VNNI";
  }
  base::Result<std::vector<float>> run(const std::vector<Tokens>& texts) {
    std::vector<const Tokens*> pointers;
    pointers.reserve(texts.size());
    for (const Tokens& text : texts) pointers.push_back(&text);
    std::vector<float> out(texts.size() * encoder_.dimension());
    CAPROCK_CHECK(encoder_.run(pointers, out));
    return out;
  }
  std::string bytes_ = testing::small_file();
  Encoder encoder_{std::shared_ptr<const PackedModel>(PackedModel::read(bytes_).value())};
};

TEST_F(EncoderTest, TextsTogether_GiveWhatEachGivesAlone) {
  // More than one pass, and lengths of every remainder.
  std::vector<Tokens> texts;
  for (std::size_t length = 1; length <= 40; ++length) {
    Tokens text;
    text.reserve(length);
    for (std::size_t i = 0; i < length; ++i) text.push_back(static_cast<std::int32_t>((i * 7 + length) % 20));
    texts.push_back(std::move(text));
  }
  const auto together = run(texts).value();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto alone = run({texts[i]}).value();
    const std::vector<float> row(together.begin() + static_cast<std::ptrdiff_t>(i * 64),
                                 together.begin() + static_cast<std::ptrdiff_t>((i + 1) * 64));
    EXPECT_THAT(row, Pointwise(FloatNear(1e-5F), alone)) << i;
  }
}

TEST_F(EncoderTest, OrderOfTokens_Matters) { EXPECT_NE(run({{1, 2, 3}}).value(), run({{3, 2, 1}}).value()); }

TEST_F(EncoderTest, WhatTheModelDoesNotKnow_IsRefused) {
  for (const Tokens& text : {Tokens{}, Tokens{20}, Tokens{-1}, Tokens(41, 1)}) {
    const auto got = run({{1}, text});
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().kind, base::ErrorKind::kInternal);
    EXPECT_THAT(got.error().detail, HasSubstr("does not know"));
  }
  EXPECT_TRUE(run({Tokens(40, 19)}).has_value());
}

}  // namespace
}  // namespace caprock::providers::int8
