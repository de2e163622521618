#include "aws/credentials/time_text.h"

#include <algorithm>
#include <cctype>
#include <chrono>

namespace caprock::aws {
namespace {

/// Takes what it reads from the front of a text; after a failure everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  void expect(std::string_view text) { ok_ = take(text) && ok_; }
  void skip_digits() {
    const auto end = std::ranges::find_if_not(rest_, [](char c) { return c >= '0' && c <= '9'; });
    ok_ = ok_ && end != rest_.begin();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.begin()));
  }
  bool complete() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::chrono::minutes zone(Scanner& scanner) {
  if (scanner.take("Z") || scanner.take("UTC")) return {};
  const bool west = scanner.take("-");
  if (!west) scanner.expect("+");
  const int hours = scanner.digits(2);
  (void)scanner.take(":");
  const int minutes = hours * 60 + scanner.digits(2);
  return std::chrono::minutes(west ? -minutes : minutes);
}

}  // namespace

std::optional<base::WallTime> parse_time(std::string_view text) {
  Scanner scanner(text);
  const int year = scanner.digits(4);
  scanner.expect("-");
  const int month = scanner.digits(2);
  scanner.expect("-");
  const int day = scanner.digits(2);
  if (!scanner.take("T")) scanner.expect(" ");
  const int hour = scanner.digits(2);
  scanner.expect(":");
  const int minute = scanner.digits(2);
  scanner.expect(":");
  const int second = scanner.digits(2);
  if (scanner.take(".")) scanner.skip_digits();
  const std::chrono::minutes offset = zone(scanner);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!scanner.complete() || !date.ok() || year < 1970 || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  // The clock's nanoseconds end in 2262; a service that means "never" writes 9999.
  constexpr int kLastYear = 2261;
  if (year > kLastYear) return base::WallTime::max();
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) - offset;
}

}  // namespace caprock::aws
