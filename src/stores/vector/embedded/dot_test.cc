#include "stores/vector/embedded/dot.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace caprock::stores {
namespace {

TEST(Dot, EveryLength_AgreesWithPlainCode) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<float> a(size);
    std::vector<float> b(size);
    for (std::size_t i = 0; i < size; ++i) {
      a[i] = normal(random);
      b[i] = normal(random);
    }
    EXPECT_NEAR(best_dot()(a.data(), b.data(), size), dot_plain(a.data(), b.data(), size), 1e-4)
        << best_dot_name() << size;
  }
}

}  // namespace
}  // namespace caprock::stores
