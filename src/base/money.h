#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>

namespace caprock::base {

/// Money: billionths of a US dollar, whole. What would not fit (9.2 billion dollars) stays at the end of the
/// range, so that a sum is never smaller than its parts.
class NanoUsd {
 public:
  constexpr NanoUsd() = default;
  constexpr explicit NanoUsd(std::int64_t nano) : nano_(nano) {}
  static constexpr NanoUsd dollars(std::int64_t whole) { return NanoUsd(whole * 1'000'000'000); }
  static constexpr NanoUsd most() { return NanoUsd(std::numeric_limits<std::int64_t>::max()); }

  constexpr std::int64_t count() const { return nano_; }
  constexpr auto operator<=>(const NanoUsd&) const = default;

  friend constexpr NanoUsd operator+(NanoUsd a, NanoUsd b) {
    std::int64_t sum = 0;
    return NanoUsd(__builtin_add_overflow(a.nano_, b.nano_, &sum) ? end_towards(b.nano_) : sum);
  }
  friend constexpr NanoUsd operator-(NanoUsd a, NanoUsd b) {
    std::int64_t rest = 0;
    return NanoUsd(__builtin_sub_overflow(a.nano_, b.nano_, &rest) ? end_towards(b.nano_ < 0 ? 1 : -1)
                                                                   : rest);
  }
  constexpr NanoUsd& operator+=(NanoUsd other) { return *this = *this + other; }
  constexpr NanoUsd& operator-=(NanoUsd other) { return *this = *this - other; }

  /// For JSON and metrics, whose numbers are doubles: the nearest one.
  double to_dollars() const { return static_cast<double>(nano_) / 1e9; }
  /// "0.00123", "12.5", "-3": exact, without needless zeros.
  std::string text() const;

 private:
  static constexpr std::int64_t end_towards(std::int64_t sign) {
    return sign < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  }
  std::int64_t nano_ = 0;
};

/// An exact number of billionths from decimal text: "3", "0.0375", "-1.5". The error says what is wrong with
/// it: not a decimal number, more than nine places, out of range. No exponents, no infinities.
std::expected<std::int64_t, std::string> parse_billionths(std::string_view text);

/// Dollars as a person writes them. Errors as of parse_billionths.
inline std::expected<NanoUsd, std::string> parse_dollars(std::string_view text) {
  const auto count = parse_billionths(text);
  if (!count) return std::unexpected(count.error());
  return NanoUsd(*count);
}

/// The exact decimal of a count of billionths.
std::string billionths_text(std::int64_t count);

}  // namespace caprock::base
