#include "aws/clock_skew.h"

#include <algorithm>
#include <array>

#include "aws/utc_time.h"

namespace caprock::aws {
namespace {

constexpr std::chrono::minutes kWorthCorrecting{
    4};  ///< of the five that services allow; Date has whole seconds only

}  // namespace

std::optional<base::WallTime> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::string_view kNumbers = "010203040506070809101112";
  constexpr std::string_view kShape = "..., .. ... .... ..:..:.. GMT";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] != '.' && kShape[i] != text[i]) return std::nullopt;
  const auto* month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  return utc_time({.year = text.substr(12, 4),
                   .month = kNumbers.substr(static_cast<std::size_t>(month - kMonths.begin()) * 2, 2),
                   .day = text.substr(5, 2),
                   .hour = text.substr(17, 2),
                   .minute = text.substr(20, 2),
                   .second = text.substr(23, 2)});
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
