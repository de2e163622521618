#include "gateway/pricing/price_table.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/money.h"

namespace caprock::gateway {
namespace {

auto place(const PriceRow& row) {
  return std::tie(row.model, row.scope, row.tier, row.context_above, row.from);
}

}  // namespace

std::vector<PriceRow> price_rows(const PriceFile& file) {
  std::vector<PriceRow> rows;
  for (const PriceEntry& entry : file.entries)
    for (const std::string& model : entry.models)
      for (const std::string& scope : entry.scopes)
        rows.push_back({.model = model,
                        .scope = scope,
                        .tier = entry.tier,
                        .context_above = entry.context_above,
                        .from = entry.from,
                        .prices = entry.prices,
                        .source = entry.source,
                        .checked_on = entry.checked_on});
  std::ranges::sort(rows, {}, place);
  return rows;
}

PriceDiff diff_prices(const PriceFile& before, const PriceFile& after) {
  PriceDiff diff;
  const std::vector<PriceRow> old_rows = price_rows(before);
  const std::vector<PriceRow> new_rows = price_rows(after);
  auto old_row = old_rows.begin();
  auto new_row = new_rows.begin();
  while (old_row != old_rows.end() || new_row != new_rows.end()) {
    const bool only_old =
        new_row == new_rows.end() || (old_row != old_rows.end() && place(*old_row) < place(*new_row));
    const bool only_new =
        old_row == old_rows.end() || (new_row != new_rows.end() && place(*new_row) < place(*old_row));
    if (only_old) {
      diff.removed.push_back(*old_row++);
    } else if (only_new) {
      diff.added.push_back(*new_row++);
    } else {
      if (old_row->prices != new_row->prices) diff.changed.emplace_back(*old_row, *new_row);
      ++old_row;
      ++new_row;
    }
  }
  return diff;
}

std::string prices_text(const UnitPrices& prices) {
  std::string out;
  for (std::size_t i = 0; i < kUnits; ++i) {
    if (!prices.at(i)) continue;
    if (!out.empty()) out += ", ";
    out += std::string(name_of(static_cast<Unit>(i))) + " " + base::billionths_text(*prices.at(i));
  }
  return out;
}

}  // namespace caprock::gateway
