#include "aws/clock_skew.h"

#include <algorithm>
#include <array>

namespace caprock::aws {
namespace {

constexpr std::chrono::minutes kWorthCorrecting{
    4};  ///< of the five that services allow; Date has whole seconds only

std::optional<int> number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<base::WallTime> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::string_view kShape = "..., .. ... .... ..:..:.. GMT";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] != '.' && kShape[i] != text[i]) return std::nullopt;
  const auto* month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = number(text.substr(5, 2));
  const auto year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

bool ClockSkew::learn(std::string_view date, base::WallTime now) {
  const auto theirs = parse_http_date(date);
  if (!theirs) return false;
  const auto still_off = std::chrono::round<std::chrono::seconds>(*theirs - corrected(now));
  if (std::chrono::abs(still_off) < kWorthCorrecting) return false;
  offset_.store(std::chrono::round<std::chrono::seconds>(*theirs - now).count(), std::memory_order_relaxed);
  return true;
}

}  // namespace caprock::aws
