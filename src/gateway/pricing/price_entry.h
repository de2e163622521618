#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::gateway {

/// A day, in UTC.
using Day = std::chrono::sys_days;

/// What is billed. Tokens have a price a million; the others have one each.
enum class Unit : std::uint8_t {
  kInput,         ///< tokens neither read from a cache nor written to one
  kOutput,        ///< tokens, reasoning included
  kCacheRead,     ///< tokens
  kCacheWrite5m,  ///< tokens that stay for five minutes
  kCacheWrite1h,  ///< tokens that stay for an hour
  kInputImage,
  kOutputImage,
  kSearch,  ///< a query to a reranker
};
constexpr std::size_t kUnits = 8;
constexpr std::size_t kTokenUnits = 5;  ///< the first ones

/// As the file names it: "cache_write_1h".
std::string_view name_of(Unit unit);

/// Prices in nano-dollars: of a million tokens, or of one of the other units. Absent: not known, not free.
using UnitPrices = std::array<std::optional<std::int64_t>, kUnits>;

/// One `[[price]]` of a file: what models cost in some scopes, from a day on.
struct PriceEntry {
  std::vector<std::string> models;  ///< as requests name them, without area; "ollama/*" for all of a provider
  std::vector<std::string> scopes;  ///< "region", "region:eu-west-1", or a profile's area: "us", "global", …
  std::string tier = "default";
  Day from;                        ///< the first day on which we count with it
  std::int64_t context_above = 0;  ///< holds for requests with more tokens of input than that
  UnitPrices prices;
  std::string source;  ///< the name of one of the file's sources
  Day checked_on;      ///< when somebody last compared it with its source
  std::uint32_t line = 0;
};

/// Where prices were taken from.
struct PriceSource {
  std::string name;
  std::string url;
  std::string note;
  Day checked_on;
};

struct PriceFile {
  std::string name;  ///< in messages
  std::vector<PriceSource> sources;
  std::vector<PriceEntry> entries;
};

/// "2026-06-01".
std::string day_text(Day day);

}  // namespace caprock::gateway
