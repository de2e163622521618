#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "app/cli/commands.h"
#include "base/json/json_text.h"
#include "gateway/pricing/price_file.h"
#include "gateway/pricing/price_table.h"
#include "gateway/pricing/prices.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using gateway::PriceFile;
using gateway::PriceRow;
using gateway::Unit;

std::string scope_text(const PriceRow& row) {
  std::string text = row.scope;
  if (row.tier != "default") text += " " + row.tier;
  if (row.context_above > 0) text += fmt::format(" above {} tokens", row.context_above);
  return text;
}

std::string line(const PriceRow& row) {
  return fmt::format("{:<46} {:<26} from {}  {}\n", printable(row.model), printable(scope_text(row)),
                     gateway::day_text(row.from), gateway::prices_text(row.prices));
}

// Exact decimals are texts: a JSON number would be read as a float.
json::object prices_json(const gateway::UnitPrices& prices, std::size_t first, std::size_t end) {
  json::object out;
  for (std::size_t i = first; i < end; ++i)
    if (prices.at(i)) out[gateway::name_of(static_cast<Unit>(i))] = base::billionths_text(*prices.at(i));
  return out;
}

json::object row_json(const PriceRow& row) {
  return {{"model", row.model},
          {"scope", row.scope},
          {"tier", row.tier},
          {"context_above", row.context_above},
          {"effective_from", gateway::day_text(row.from)},
          {"usd_per_million_tokens", prices_json(row.prices, 0, gateway::kTokenUnits)},
          {"usd_each", prices_json(row.prices, gateway::kTokenUnits, gateway::kUnits)},
          {"source", row.source},
          {"checked_on", gateway::day_text(row.checked_on)}};
}

void tell(const Terminal& terminal, const gateway::PriceProblems& problems) {
  for (const gateway::PriceProblem& problem : problems)
    terminal.err << "caprock: " << printable(problem.text()) << '\n';
}

std::expected<PriceFile, gateway::PriceProblems> load(const std::string& file) {
  return file.empty() ? gateway::parse_prices(gateway::built_in_prices(), gateway::kBuiltInName)
                      : gateway::read_price_file(file);
}

}  // namespace

int run_prices_show(const Terminal& terminal, const gateway::PricingSettings& settings,
                    const PricesOptions& options, bool as_json) {
  const auto prices = gateway::Prices::open(settings, base::system_clock());
  if (!prices) {
    terminal.err << "caprock: " << printable(prices.error().message) << '\n';
    return kExitUsage;
  }
  const auto book = (*prices)->book();
  const auto status = (*prices)->status();
  json::array rows;
  for (const PriceRow& row : gateway::price_rows(book->file())) {
    if (row.model.find(options.model) == std::string::npos) continue;
    if (as_json)
      rows.push_back(row_json(row));
    else
      terminal.out << line(row);
  }
  if (as_json) {
    terminal.out << base::json_text(json::object{{"file", status.name},
                                                 {"oldest_check", gateway::day_text(status.oldest_check)},
                                                 {"stale", status.stale},
                                                 {"prices", std::move(rows)}})
                 << '\n';
    return kExitOk;
  }
  terminal.err << fmt::format(
      "Dollars a million tokens, or each image and search. From {}, checked on {} or later.\n",
      printable(status.name), gateway::day_text(status.oldest_check));
  if (const std::string warning = (*prices)->warning(); !warning.empty())
    terminal.err << "caprock: " << printable(warning) << '\n';
  return kExitOk;
}

int run_prices_check(const Terminal& terminal, const gateway::PricingSettings& settings,
                     const PricesOptions& options) {
  gateway::PricingSettings checked = settings;
  if (!options.file.empty()) checked.file = options.file;
  const auto file = load(checked.file);
  if (!file) {
    tell(terminal, file.error());
    return kExitUsage;
  }
  const auto prices = gateway::Prices::open(checked, base::system_clock());
  if (prices)
    if (const std::string warning = (*prices)->warning(); !warning.empty())
      terminal.err << "caprock: " << printable(warning) << '\n';
  terminal.out << fmt::format("{}: {} prices are right.\n", printable(file->name),
                              gateway::price_rows(*file).size());
  return kExitOk;
}

int run_prices_diff(const Terminal& terminal, const gateway::PricingSettings& settings,
                    const PricesOptions& options, bool as_json) {
  const auto before = load(settings.file);
  const auto after = load(options.file);
  if (!before) tell(terminal, before.error());
  if (!after) tell(terminal, after.error());
  if (!before || !after) return kExitUsage;
  const gateway::PriceDiff diff = gateway::diff_prices(*before, *after);
  if (as_json) {
    json::object out{{"added", json::array()}, {"removed", json::array()}, {"changed", json::array()}};
    for (const PriceRow& row : diff.added) out["added"].as_array().push_back(row_json(row));
    for (const PriceRow& row : diff.removed) out["removed"].as_array().push_back(row_json(row));
    for (const auto& [old_row, new_row] : diff.changed)
      out["changed"].as_array().push_back(
          json::object{{"before", row_json(old_row)}, {"after", row_json(new_row)}});
    terminal.out << base::json_text(out) << '\n';
    return kExitOk;
  }
  for (const PriceRow& row : diff.removed) terminal.out << "- " << line(row);
  for (const PriceRow& row : diff.added) terminal.out << "+ " << line(row);
  for (const auto& [old_row, new_row] : diff.changed)
    terminal.out << "- " << line(old_row) << "+ " << line(new_row);
  if (diff.empty()) terminal.err << "No price differs.\n";
  return kExitOk;
}

}  // namespace caprock::app
