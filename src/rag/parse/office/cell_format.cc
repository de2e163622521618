#include "rag/parse/office/cell_format.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>

#include "rag/parse/office/xml.h"

namespace caprock::rag::office {
namespace {

constexpr double kLastDay = 2958466;  ///< 31 December 9999
constexpr long kSecondsPerDay = 86'400;

long to_long(std::string_view text, long otherwise) {
  long value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string shortest(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.15g", value);
  return buffer;
}

// The letters of a format code that stand for parts of dates and times: not those in quotes, brackets or
// escapes.
std::string date_letters(std::string_view code) {
  std::string letters;
  char until = '\0';
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (until != '\0') {
      if (c == until) until = '\0';
    } else if (c == '"') {
      until = '"';
    } else if (c == '[' && code.substr(i + 1, 1).find_first_of("hms") == std::string_view::npos) {
      until = ']';  // a colour or locale; [h] counts hours
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (std::string_view("ymdhsYMDHS%").find(c) != std::string_view::npos) {
      letters += c == '%' ? c : static_cast<char>(c | 0x20);
    }
  }
  return letters;
}

}  // namespace

CellFormats::Kind CellFormats::kind_of(long id, std::string_view code) {
  // Built-in formats have no code: ECMA-376 part 1, 18.8.30; 27–36 and 50–58 are East Asian dates.
  if (id == 9 || id == 10) return Kind::kPercent;
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return Kind::kDate;
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return Kind::kTime;
  if (id == 22) return Kind::kDateTime;
  const std::string letters = date_letters(code);
  if (letters.find('%') != std::string::npos && letters.find_first_of("ymdhs") == std::string::npos)
    return Kind::kPercent;
  const bool date = letters.find_first_of("yd") != std::string::npos;
  const bool time = letters.find_first_of("hs") != std::string::npos;
  return date && time ? Kind::kDateTime : date ? Kind::kDate : time ? Kind::kTime : Kind::kNumber;
}

CellFormats::CellFormats(const pugi::xml_node& style_sheet, bool since_1904) : since_1904_(since_1904) {
  std::map<long, std::string> codes;
  for (const pugi::xml_node& format : child(style_sheet, "numFmts").children())
    codes[to_long(attribute(format, "numFmtId"), -1)] = attribute(format, "formatCode");
  for (const pugi::xml_node& style : child(style_sheet, "cellXfs").children()) {
    const long id = to_long(attribute(style, "numFmtId"), 0);
    const auto code = codes.find(id);
    kinds_.push_back(kind_of(id, code == codes.end() ? std::string_view{} : std::string_view(code->second)));
  }
}

std::string CellFormats::show(std::string_view number, std::size_t style) const {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || end != number.data() + number.size() || !std::isfinite(value))
    return std::string(number);
  const Kind kind = style < kinds_.size() ? kinds_[style] : Kind::kNumber;
  if (kind == Kind::kNumber) return shortest(value);
  if (kind == Kind::kPercent) return shortest(value * 100) + "%";
  return value >= 0 && value < kLastDay ? show_date(value, kind) : shortest(value);
}

std::string CellFormats::show_date(double days, Kind kind) const {
  using std::chrono::sys_days;
  long whole = static_cast<long>(std::floor(days));
  long seconds = std::lround((days - static_cast<double>(whole)) * kSecondsPerDay);
  if (seconds == kSecondsPerDay) {
    ++whole;
    seconds = 0;
  }
  char text[40];
  std::string shown;
  if (kind != Kind::kTime) {
    // Day 60 of the 1900 system is a 29 February that never was: days before it count from one later.
    const sys_days origin = since_1904_  ? sys_days(std::chrono::year{1904} / 1 / 1)
                            : whole < 60 ? sys_days(std::chrono::year{1899} / 12 / 31)
                                         : sys_days(std::chrono::year{1899} / 12 / 30);
    const std::chrono::year_month_day date{origin + std::chrono::days(whole)};
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    shown = text;
  }
  if (kind == Kind::kDate && seconds == 0) return shown;
  const long hours = seconds / 3600 + (kind == Kind::kTime ? whole * 24 : 0);
  std::snprintf(text, sizeof text, seconds % 60 == 0 ? "%02ld:%02ld" : "%02ld:%02ld:%02ld", hours,
                seconds / 60 % 60, seconds % 60);
  return shown.empty() ? text : shown + " " + text;
}

}  // namespace caprock::rag::office
