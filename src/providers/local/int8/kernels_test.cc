// The kernels against the same arithmetic written plainly, in double precision.
#include "providers/local/int8/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "providers/local/int8/testing.h"

namespace caprock::providers::int8 {
namespace {

using testing::random_floats;
using testing::RandomLinear;

class Kernels : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    if (!supported()) GTEST_SKIP() << "this processor has no AVX512-VNNI";
  }
  std::size_t rows() const { return GetParam(); }
  std::mt19937 random_{static_cast<std::uint32_t>(GetParam())};
};

/// QuantisedRows with memory of their own.
struct Bytes {
  Bytes(std::size_t rows, std::size_t width)
      : values(rows * width), scales(values.size() / kGroup), corrections(scales.size()), width(width) {}
  QuantisedRows view() { return {values.data(), scales.data(), corrections.data(), width}; }
  double at(std::size_t row, std::size_t column) const {
    const std::size_t i = row * width + column;
    return static_cast<double>(values[i]) * scales[i / kGroup];
  }
  std::vector<std::int8_t> values;
  std::vector<float> scales;
  std::vector<std::int32_t> corrections;
  std::size_t width;
};

Bytes quantised(const std::vector<float>& x, std::size_t rows) {
  Bytes bytes(rows, x.size() / rows);
  quantise(x.data(), rows, bytes.view());
  return bytes;
}

/// What a linear layer makes of the very bytes it is given.
std::vector<double> plain_linear(const Bytes& a, std::size_t rows, const RandomLinear& w) {
  std::vector<double> out;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t o = 0; o < w.out; ++o) {
      double sum = w.bias[o];
      for (std::size_t i = 0; i < w.in; ++i) sum += a.at(r, i) * w.weights[o * w.in + i];
      out.push_back(sum);
    }
  return out;
}

void expect_near(const std::vector<float>& got, const std::vector<double>& wanted, double tolerance) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], wanted[i], tolerance) << i;
}

TEST_P(Kernels, Quantise_IsWithinHalfAStepOfItsGroup) {
  std::vector<float> x = random_floats(random_, rows() * 128);
  x[3] = 40;  // one group with an outlier; its neighbours keep their fine steps
  Bytes bytes = quantised(x, rows());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double step = bytes.scales[i / kGroup];
    ASSERT_NEAR(bytes.at(i / 128, i % 128), x[i], 0.5001 * step) << i;
  }
  for (std::size_t g = 0; g < bytes.scales.size(); ++g) {
    const auto* first = bytes.values.data() + g * kGroup;
    EXPECT_EQ(bytes.corrections[g], -kWeightOffset * std::accumulate(first, first + kGroup, 0));
  }
}

TEST_P(Kernels, QuantiseZeros_GivesZeros) {
  Bytes bytes = quantised(std::vector<float>(rows() * 64, 0), rows());
  EXPECT_TRUE(std::ranges::all_of(bytes.values, [](auto v) { return v == 0; }));
  EXPECT_TRUE(std::ranges::all_of(bytes.scales, [](auto s) { return s == 0; }));
}

TEST_P(Kernels, Linear_IsTheProductOfItsBytes) {
  const RandomLinear layer(random_, 192, 96);
  Bytes a = quantised(random_floats(random_, rows() * layer.in), rows());
  std::vector<float> out(rows() * layer.out);
  linear(a.view(), rows(), layer.view(), out.data());
  const auto wanted = plain_linear(a, rows(), layer);
  expect_near(out, wanted, 1e-3);

  std::vector<float> sums(out.size(), 2);
  linear_add(a.view(), rows(), layer.view(), sums.data());
  for (float& sum : sums) sum -= 2;
  expect_near(sums, wanted, 1e-3);
}

TEST_P(Kernels, ExtremeBytes_DoNotSaturate) {
  RandomLinear layer(random_, 64, 32);
  std::ranges::fill(layer.panels, std::uint8_t{255});
  std::ranges::fill(layer.weights, 127 * layer.scales[0]);
  std::ranges::fill(layer.scales, layer.scales[0]);
  Bytes a = quantised(std::vector<float>(rows() * 64, -1), rows());
  std::vector<float> out(rows() * layer.out);
  linear(a.view(), rows(), layer.view(), out.data());
  expect_near(out, plain_linear(a, rows(), layer), 1e-3);
}

TEST_P(Kernels, LinearGelu_IsQuantisedGelu) {
  const RandomLinear layer(random_, 64, 128);
  Bytes a = quantised(random_floats(random_, rows() * layer.in), rows());
  Bytes out(rows(), layer.out);
  std::vector<float> tile(rows() * kGroup);
  linear_gelu(a.view(), rows(), layer.view(), out.view(), tile.data());
  const auto linear = plain_linear(a, rows(), layer);
  for (std::size_t i = 0; i < linear.size(); ++i) {
    const double wanted = linear[i] * 0.5 * (1 + std::erf(linear[i] / std::sqrt(2)));
    ASSERT_NEAR(out.at(i / layer.out, i % layer.out), wanted, 0.51 * out.scales[i / kGroup] + 0.0005) << i;
  }
}

TEST_P(Kernels, NormaliseRows_IsLayerNorm) {
  constexpr std::size_t kWidth = 96;
  const auto x = random_floats(random_, rows() * kWidth, 3);
  const auto gain = random_floats(random_, kWidth);
  const auto bias = random_floats(random_, kWidth);
  auto got = x;
  normalise_rows(got.data(), rows(), kWidth, {gain.data(), bias.data()}, 1e-5F);
  std::vector<double> wanted;
  for (std::size_t r = 0; r < rows(); ++r) {
    const auto* row = x.data() + r * kWidth;
    const double mean = std::accumulate(row, row + kWidth, 0.0) / kWidth;
    double squares = 0;
    for (std::size_t i = 0; i < kWidth; ++i) squares += (row[i] - mean) * (row[i] - mean);
    const double scale = 1 / std::sqrt(squares / kWidth + 1e-5);
    for (std::size_t i = 0; i < kWidth; ++i) wanted.push_back((row[i] - mean) * scale * gain[i] + bias[i]);
  }
  expect_near(got, wanted, 1e-4);
}

/// Attention of one query over all keys, for one head.
std::vector<double> plain_attention(const float* qkv, std::size_t tokens, std::size_t heads, std::size_t head,
                                    std::size_t query) {
  const std::size_t hidden = heads * kHeadWidth;
  const auto at = [&](std::size_t token, std::size_t part, std::size_t d) -> double {
    return qkv[token * 3 * hidden + part * hidden + head * kHeadWidth + d];
  };
  std::vector<double> weights;
  for (std::size_t j = 0; j < tokens; ++j) {
    double score = 0;
    for (std::size_t d = 0; d < kHeadWidth; ++d) score += at(query, 0, d) * at(j, 1, d);
    weights.push_back(std::exp(score / std::sqrt(static_cast<double>(kHeadWidth))));
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> out(kHeadWidth);
  for (std::size_t j = 0; j < tokens; ++j)
    for (std::size_t d = 0; d < kHeadWidth; ++d) out[d] += weights[j] / sum * at(j, 2, d);
  return out;
}

TEST_P(Kernels, Attend_IsSoftmaxOverTheTextsOwnTokens) {
  constexpr std::size_t kHeads = 3;
  const std::size_t hidden = kHeads * kHeadWidth;
  const auto qkv = random_floats(random_, rows() * 3 * hidden);
  std::vector<float> context(rows() * hidden);
  std::vector<float> scratch(attend_scratch(rows()), NAN);
  attend(qkv.data(), rows(), kHeads, context.data(), scratch.data());
  for (std::size_t query = 0; query < rows(); ++query)
    for (std::size_t head = 0; head < kHeads; ++head) {
      const auto wanted = plain_attention(qkv.data(), rows(), kHeads, head, query);
      for (std::size_t d = 0; d < kHeadWidth; ++d)
        ASSERT_NEAR(context[query * hidden + head * kHeadWidth + d], wanted[d], 1e-4)
            << query << ' ' << head << ' ' << d;
    }
}

TEST_P(Kernels, AttendWithGreatScores_StaysFinite) {
  std::vector<float> qkv(rows() * 3 * kHeadWidth, 30);
  qkv[kHeadWidth] = -30;
  std::vector<float> context(rows() * kHeadWidth);
  std::vector<float> scratch(attend_scratch(rows()));
  attend(qkv.data(), rows(), 1, context.data(), scratch.data());
  for (const float x : context) ASSERT_NEAR(x, 30, 1e-3);
}

TEST_P(Kernels, MeanAndWords_AreWhatTheySay) {
  constexpr std::size_t kWidth = 64;
  const auto x = random_floats(random_, rows() * kWidth);
  std::vector<float> mean(kWidth);
  mean_rows(x.data(), rows(), kWidth, mean.data());
  std::vector<std::int8_t> bytes(kWidth);
  for (auto& byte : bytes) byte = static_cast<std::int8_t>(static_cast<int>(random_() % 255) - 127);
  std::vector<float> word(kWidth);
  embed_word(bytes.data(), 0.25F, x.data(), kWidth, word.data());
  for (std::size_t i = 0; i < kWidth; ++i) {
    double sum = 0;
    for (std::size_t r = 0; r < rows(); ++r) sum += x[r * kWidth + i];
    ASSERT_NEAR(mean[i], sum / static_cast<double>(rows()), 1e-5);
    ASSERT_NEAR(word[i], 0.25 * bytes[i] + x[i], 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, Kernels,
                         ::testing::Values(1, 2, 3, 5, 6, 7, 11, 16, 17, 23, 32, 48, 49, 65, 130));

}  // namespace
}  // namespace caprock::providers::int8
