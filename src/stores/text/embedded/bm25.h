#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace caprock::stores::text {

// Robertson's usual values, those of FTS5 and Lucene as well.
inline constexpr double kK1 = 1.2;
inline constexpr double kB = 0.75;
inline constexpr std::uint32_t kTitleWeight = 2;  ///< an occurrence in the title counts as so many

/// What BM25 needs of a body of texts: passages, or whole documents.
struct BodyStats {
  std::uint64_t count = 0;
  std::uint64_t terms = 0;
  double average_length() const {
    return count == 0 ? 1.0 : std::max(1.0, static_cast<double>(terms) / static_cast<double>(count));
  }
};

/// Rarity, never negative (Lucene's form): ln(1 + (N − n + ½)/(n + ½)).
inline double bm25_idf(std::uint64_t count, std::uint64_t containing) {
  const double n = static_cast<double>(containing);
  const double all = std::max(static_cast<double>(count), n);
  return std::log(1.0 + (all - n + 0.5) / (n + 0.5));
}

/// The part of the denominator that depends on the length of a text.
struct LengthNorm {
  explicit LengthNorm(const BodyStats& stats)
      : base(kK1 * (1 - kB)), slope(kK1 * kB / stats.average_length()) {}
  double operator()(std::uint32_t length) const { return base + slope * length; }
  double base;
  double slope;
};

inline double bm25_term(double idf, std::uint32_t frequency, double norm) {
  const double f = frequency;
  return idf * (kK1 + 1) * f / (f + norm);
}

}  // namespace caprock::stores::text
