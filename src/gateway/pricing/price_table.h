#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gateway/pricing/price_entry.h"

namespace caprock::gateway {

/// A price of one model in one scope.
struct PriceRow {
  std::string model;
  std::string scope;
  std::string tier;
  std::int64_t context_above = 0;
  Day from;
  UnitPrices prices;
  std::string source;
  Day checked_on;
};

/// Every price of a file, by model, scope, tier, step and day.
std::vector<PriceRow> price_rows(const PriceFile& file);

/// What `after` says that `before` does not: rows that are new, gone, or have other prices.
struct PriceDiff {
  std::vector<PriceRow> added;
  std::vector<PriceRow> removed;
  std::vector<std::pair<PriceRow, PriceRow>> changed;  ///< before, after
  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
};
PriceDiff diff_prices(const PriceFile& before, const PriceFile& after);

/// "input 3, output 15": dollars, a million tokens or each.
std::string prices_text(const UnitPrices& prices);

}  // namespace caprock::gateway
