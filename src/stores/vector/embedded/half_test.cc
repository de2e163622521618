#include "stores/vector/embedded/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

namespace caprock::stores {
namespace {

TEST(Kernels, EveryLength_AgreesWithPlainCode) {
  const Kernels& best = best_kernels();
  const Kernels& plain = plain_kernels();
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<float> a(size);
    std::vector<float> b(size);
    for (std::size_t i = 0; i < size; ++i) {
      a[i] = normal(random);
      b[i] = normal(random);
    }
    std::vector<Half> rows(2 * size);
    best.to_half(a.data(), rows.data(), size);
    best.to_half(b.data(), rows.data() + size, size);
    std::vector<Half> expected(size);
    plain.to_half(a.data(), expected.data(), size);
    EXPECT_EQ(std::vector<Half>(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(size)), expected)
        << size;
    const Half* row = rows.data() + size;
    EXPECT_NEAR(best.dot(a.data(), row, size), plain.dot(a.data(), row, size), 1e-4) << best.name << size;
    EXPECT_NEAR(best.dot_rows(rows.data(), row, size), plain.dot_rows(rows.data(), row, size), 1e-4)
        << best.name << size;
  }
}

TEST(Kernels, UnitVectors_KeepTheirCosine) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  constexpr std::size_t kSize = 384;
  for (int round = 0; round < 100; ++round) {
    std::vector<float> a(kSize);
    std::vector<float> b(kSize);
    float length_a = 0;
    float length_b = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      a[i] = normal(random);
      b[i] = a[i] + normal(random);
      length_a += a[i] * a[i];
      length_b += b[i] * b[i];
    }
    float exact = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      a[i] /= std::sqrt(length_a);
      b[i] /= std::sqrt(length_b);
      exact += a[i] * b[i];
    }
    std::vector<Half> row(kSize);
    best_kernels().to_half(b.data(), row.data(), kSize);
    EXPECT_NEAR(best_kernels().dot(a.data(), row.data(), kSize), exact, 1e-4);
  }
}

TEST(Kernels, HalfOfANumber_IsTheNearest) {
  const std::vector<float> numbers{0, -0.0F, 1, -2, 65504, 1e6F, 1.0F / 3, 6e-8F};
  std::vector<Half> halves(numbers.size());
  plain_kernels().to_half(numbers.data(), halves.data(), numbers.size());
  // https://en.wikipedia.org/wiki/Half-precision_floating-point_format
  const std::vector<std::uint16_t> bits{0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0x3555, 0x0001};
  for (std::size_t i = 0; i < bits.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint16_t>(halves[i]), bits[i]) << numbers[i];
}

}  // namespace
}  // namespace caprock::stores
