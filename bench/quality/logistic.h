#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "rag/answer/calibration.h"

namespace caprock::bench {

/// Solves h·d = g by Gauss-Jordan with pivoting; h is symmetric and positive definite here.
inline std::vector<double> solve(std::vector<std::vector<double>> h, std::vector<double> g) {
  const std::size_t n = g.size();
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < n; ++r) pivot = std::abs(h[r][c]) > std::abs(h[pivot][c]) ? r : pivot;
    std::swap(h[c], h[pivot]);
    std::swap(g[c], g[pivot]);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double factor = h[r][c] / h[c][c];
      for (std::size_t k = c; k < n; ++k) h[r][k] -= factor * h[c][k];
      g[r] -= factor * g[c];
    }
  }
  for (std::size_t i = 0; i < n; ++i) g[i] /= h[i][i];
  return g;
}

/// Logistic regression by Newton's method with an L2 penalty on the weights; columns that are always 0 get
/// weight 0.
template <std::size_t N>
rag::Logistic<N> fit(const std::vector<std::array<double, N>>& rows, const std::vector<bool>& labels,
                     double l2 = 1) {
  std::vector<double> b(N + 1, 0.0);
  for (int round = 0; round < 30; ++round) {
    std::vector<std::vector<double>> hessian(N + 1, std::vector<double>(N + 1, 0.0));
    std::vector<double> gradient(N + 1, 0.0);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      std::array<double, N + 1> x{};
      x[0] = 1;
      std::copy(rows[r].begin(), rows[r].end(), x.begin() + 1);
      double z = 0;
      for (std::size_t i = 0; i <= N; ++i) z += b[i] * x[i];
      const double p = 1 / (1 + std::exp(-z));
      for (std::size_t i = 0; i <= N; ++i) {
        gradient[i] += ((labels[r] ? 1 : 0) - p) * x[i];
        for (std::size_t j = 0; j <= N; ++j) hessian[i][j] += p * (1 - p) * x[i] * x[j];
      }
    }
    for (std::size_t i = 0; i <= N; ++i) {
      const double penalty = i == 0 ? 1e-9 : l2;
      gradient[i] -= penalty * b[i];
      hessian[i][i] += penalty;
    }
    const std::vector<double> step = solve(std::move(hessian), std::move(gradient));
    double largest = 0;
    for (std::size_t i = 0; i <= N; ++i) {
      b[i] += step[i];
      largest = std::max(largest, std::abs(step[i]));
    }
    if (largest < 1e-9) break;
  }
  rag::Logistic<N> model{.bias = b[0]};
  std::copy(b.begin() + 1, b.end(), model.weights.begin());
  return model;
}

}  // namespace caprock::bench
