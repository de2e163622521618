#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "app/config/setting_value.h"

namespace caprock::app {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array kDurations{Unit{"ms", 1}, Unit{"s", 1e3}, Unit{"m", 6e4}, Unit{"h", 3.6e6},
                                Unit{"d", 8.64e7}};
constexpr std::array kSizes{Unit{"b", 1},     Unit{"kb", 1e3},           Unit{"kib", 1024.0},
                            Unit{"mb", 1e6},  Unit{"mib", 1048576.0},    Unit{"gb", 1e9},
                            Unit{"tb", 1e12}, Unit{"gib", 1073741824.0}, Unit{"tib", 1099511627776.0}};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// The number before a unit of `units`, times its factor; `plain` is the factor of a number without a unit.
template <std::size_t N>
std::optional<double> read_quantity(std::string_view text, const std::array<Unit, N>& units, double plain) {
  text = trim(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string unit = lower(trim(text.substr(static_cast<std::size_t>(end - text.data()))));
  if (unit.empty()) return number * plain;
  for (const Unit& known : units)
    if (known.name == unit) return number * known.factor;
  return std::nullopt;
}

// Above these a double no longer counts every millisecond or byte.
constexpr double kMaxExact = 9007199254740992.0;  // 2^53

}  // namespace

std::expected<std::chrono::milliseconds, std::string> parse_duration(std::string_view text) {
  const std::optional<double> ms = read_quantity(text, kDurations, 1e3);
  if (!ms || *ms > kMaxExact) return std::unexpected(fmt::format("\"{}\" is not a duration", text));
  return std::chrono::milliseconds(std::llround(*ms));
}

std::expected<base::Bytes, std::string> parse_bytes(std::string_view text) {
  const std::optional<double> bytes = read_quantity(text, kSizes, 1);
  if (!bytes || *bytes > kMaxExact) return std::unexpected(fmt::format("\"{}\" is not a size", text));
  return base::Bytes{static_cast<std::uint64_t>(std::llround(*bytes))};
}

std::string format_duration(std::chrono::milliseconds span) {
  const std::int64_t ms = span.count();
  if (ms == 0) return "0s";
  for (const auto& [name, factor] : {Unit{"h", 3.6e6}, Unit{"m", 6e4}, Unit{"s", 1e3}})
    if (ms % static_cast<std::int64_t>(factor) == 0)
      return fmt::format("{}{}", ms / static_cast<std::int64_t>(factor), name);
  return fmt::format("{}ms", ms);
}

std::string format_bytes(base::Bytes bytes) {
  const std::uint64_t n = bytes.count;
  struct Step {
    std::string_view name;
    std::uint64_t size;
  };
  constexpr std::array kSteps{Step{"GiB", 1ULL << 30}, Step{"GB", 1'000'000'000}, Step{"MiB", 1ULL << 20},
                              Step{"MB", 1'000'000},   Step{"KiB", 1ULL << 10},   Step{"kB", 1000}};
  for (const auto& [name, size] : kSteps)
    if (n != 0 && n % size == 0) return fmt::format("{} {}", n / size, name);
  return fmt::format("{} B", n);
}

}  // namespace caprock::app
