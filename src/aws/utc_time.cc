#include "aws/utc_time.h"

#include <chrono>

namespace caprock::aws {
namespace {

/// For what is not made of digits: no part of a date may be this, and it fits into the byte that std::chrono
/// keeps of a month.
constexpr unsigned kNone = 255;

unsigned number(std::string_view digits) {
  unsigned value = 0;
  if (digits.empty() || digits.size() > 4) return kNone;
  for (const char c : digits) {
    if (c < '0' || c > '9') return kNone;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

}  // namespace

std::optional<base::WallTime> utc_time(const UtcText& text) {
  const unsigned year = number(text.year);
  const unsigned hour = number(text.hour);
  const unsigned minute = number(text.minute);
  const unsigned second = number(text.second);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(number(text.month)),
                                         std::chrono::day(number(text.day))};
  if (year < 1970 || year > 2199 || !date.ok() || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace caprock::aws
