#include "gateway/pricing/price_entry.h"

#include <fmt/format.h>

namespace caprock::gateway {

std::string_view name_of(Unit unit) {
  static constexpr std::array<std::string_view, kUnits> kNames{
      "input",          "output",      "cache_read",   "cache_write_5m",
      "cache_write_1h", "input_image", "output_image", "search"};
  return kNames.at(static_cast<std::size_t>(unit));
}

std::string day_text(Day day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace caprock::gateway
