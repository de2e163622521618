#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/pricing/price_entry.h"

namespace caprock::gateway {

/// Something wrong in a price file.
struct PriceProblem {
  std::string file;
  std::uint32_t line = 0;  ///< from 1; 0: the whole file
  std::string key;         ///< "cache_raed"; empty when the whole entry is meant
  std::string message;
  /// "prices.toml:12: cache_raed: unknown key; did you mean \"cache_read\"?"
  std::string text() const;
};

/// All that is wrong, not only the first.
using PriceProblems = std::vector<PriceProblem>;

/// Reads a price file strictly (its format: gateway/pricing/README.md): unknown keys, missing or impossible
/// dates, negative or inexact prices, sources that are not there, and two entries for the same thing are
/// problems. Never fails otherwise, whatever the bytes.
std::expected<PriceFile, PriceProblems> parse_prices(std::string_view text, const std::string& name);

/// The same of a file on the disk.
std::expected<PriceFile, PriceProblems> read_price_file(const std::filesystem::path& path);

/// The text of the file that is part of the program: config/prices.toml.
std::string_view built_in_prices();
constexpr const char* kBuiltInName = "built-in prices";

}  // namespace caprock::gateway
