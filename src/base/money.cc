#include "base/money.h"

#include <algorithm>

namespace caprock::base {
namespace {

constexpr std::size_t kPlaces = 9;

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::expected<std::int64_t, std::string> parse_billionths(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view number = text.substr(negative ? 1 : 0);
  const std::size_t point = std::min(number.find('.'), number.size());
  const std::string_view whole = number.substr(0, point);
  std::string_view places = number.substr(std::min(point + 1, number.size()));
  const bool dangling = point < number.size() && places.empty();
  if (whole.empty() || dangling || !all_digits(whole) || !all_digits(places))
    return std::unexpected("is not a decimal number");
  while (places.ends_with('0')) places.remove_suffix(1);
  if (places.size() > kPlaces) return std::unexpected("has more than nine decimal places");
  std::string digits(whole);
  digits += places;
  digits.append(kPlaces - places.size(), '0');
  std::int64_t count = 0;
  for (const char digit : digits) {
    // Towards minus, whose end of the range is one further out.
    if (__builtin_mul_overflow(count, std::int64_t{10}, &count) ||
        __builtin_sub_overflow(count, std::int64_t{digit - '0'}, &count))
      return std::unexpected("is out of range");
  }
  if (!negative && __builtin_sub_overflow(std::int64_t{0}, count, &count))
    return std::unexpected("is out of range");
  return count;
}

std::string billionths_text(std::int64_t count) {
  const bool negative = count < 0;
  std::string digits = std::to_string(count).substr(negative ? 1 : 0);
  if (digits.size() <= kPlaces) digits.insert(0, kPlaces + 1 - digits.size(), '0');
  const std::size_t point = digits.size() - kPlaces;
  std::string places = digits.substr(point);
  while (places.ends_with('0')) places.pop_back();
  return (negative ? "-" : "") + digits.substr(0, point) + (places.empty() ? "" : "." + places);
}

std::string NanoUsd::text() const { return billionths_text(nano_); }

}  // namespace caprock::base
