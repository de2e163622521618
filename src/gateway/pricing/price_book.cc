#include "gateway/pricing/price_book.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "llm/bedrock_id.h"

namespace caprock::gateway {
namespace {

using Sum = unsigned __int128;  ///< in millionths of a nano-dollar
constexpr std::int64_t kMillion = 1'000'000;

std::string joined(std::string_view model, std::string_view scope, std::string_view tier) {
  return fmt::format("{}\n{}\n{}", model, scope, tier);
}

// "openai/*" of "openai/gpt-4o".
std::string all_of_provider(const std::string& model) {
  const std::size_t slash = model.find('/');
  return slash == std::string::npos ? std::string() : model.substr(0, slash) + "/*";
}

// How many of each unit were used, in the order of Unit.
std::array<std::int64_t, kUnits> counts(const Quantities& used) {
  const llm::Usage& t = used.tokens;
  const std::int64_t hour =
      std::clamp<std::int64_t>(t.cache_write_1h_tokens, 0, std::max<std::int64_t>(t.cache_write_tokens, 0));
  return {t.input_tokens, t.output_tokens,   t.cache_read_tokens, t.cache_write_tokens - hour,
          hour,           used.input_images, used.output_images,  used.searches};
}

// One division for the whole sum: what it rounds off is less than a nano-dollar a request, and never in the
// customer's disfavour of a budget: it rounds up.
base::NanoUsd rounded(Sum sum) {
  const Sum nano = (sum + kMillion - 1) / kMillion;
  const auto most = static_cast<Sum>(base::NanoUsd::most().count());
  return base::NanoUsd(static_cast<std::int64_t>(std::min(nano, most)));
}

Sum amount(std::int64_t count, std::int64_t price, std::size_t unit) {
  const Sum product = static_cast<Sum>(count) * static_cast<Sum>(price);
  return unit < kTokenUnits ? product : product * kMillion;
}

NoPrice none(NoPrice::Reason reason, std::string message) { return {reason, std::move(message)}; }

std::string scope_text(const PriceKey& key) {
  if (!key.area.empty()) return fmt::format("profiles of \"{}\"", key.area);
  return key.region.empty() ? "calls in the region itself" : fmt::format("calls in {}", key.region);
}

}  // namespace

std::string_view name_of(NoPrice::Reason reason) {
  static constexpr std::array<std::string_view, 5> kNames{"model", "scope", "tier", "day", "unit"};
  return kNames.at(static_cast<std::size_t>(reason));
}

PriceKey price_key(std::string_view model, std::string_view tier, std::string_view region) {
  constexpr std::string_view kBedrock = "bedrock/";
  if (model.starts_with(kBedrock)) model.remove_prefix(kBedrock.size());
  // "bedrock@west/…": another account or region of Bedrock.
  if (model.starts_with("bedrock@"))
    if (const auto slash = model.find('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  const llm::BedrockId id = llm::split_bedrock_id(model);
  PriceKey key;
  // What is opaque is priced by its own ARN, or not at all.
  key.model = id.opaque ? model : id.model;
  key.area = id.opaque ? std::string_view() : id.area;
  key.region = id.region.empty() ? region : id.region;
  const bool plain = tier.empty() || tier == "auto" || tier == "standard" || tier == "standard_only";
  key.tier = plain ? "default" : tier;
  return key;
}

PriceBook::PriceBook(PriceFile file) : file_(std::move(file)) {
  for (const PriceEntry& entry : file_.entries)
    for (const std::string& model : entry.models)
      for (const std::string& scope : entry.scopes)
        entries_[joined(model, scope, entry.tier)].push_back(&entry);
  for (auto& [key, entries] : entries_)
    std::ranges::sort(entries, std::greater{},
                      [](const PriceEntry* e) { return std::pair(e->from, e->context_above); });
}

const PriceBook::Entries* PriceBook::of(const std::string& model, const std::string& scope,
                                        const std::string& tier) const {
  const auto found = entries_.find(joined(model, scope, tier));
  return found == entries_.end() ? nullptr : &found->second;
}

const PriceBook::Entries* PriceBook::best_scope(const std::string& model, const PriceKey& key) const {
  if (!key.area.empty()) return of(model, key.area, key.tier);
  if (!key.region.empty())
    if (const Entries* here = of(model, "region:" + key.region, key.tier)) return here;
  return of(model, "region", key.tier);
}

std::expected<PriceBook::Entries, NoPrice> PriceBook::in_force(const PriceKey& key, Day day) const {
  const Entries* found = best_scope(key.model, key);
  if (found == nullptr)
    if (const std::string all = all_of_provider(key.model); !all.empty()) found = best_scope(all, key);
  if (found == nullptr) return std::unexpected(why_none(key));
  const auto newest = std::ranges::find_if(*found, [&](const PriceEntry* e) { return e->from <= day; });
  if (newest == found->end())
    return std::unexpected(
        none(NoPrice::Reason::kDay,
             fmt::format("{} has a price only from {} on", key.model, day_text(found->back()->from))));
  Entries steps;
  std::ranges::copy_if(*found, std::back_inserter(steps),
                       [&](const PriceEntry* e) { return e->from == (*newest)->from; });
  return steps;
}

NoPrice PriceBook::why_none(const PriceKey& key) const {
  std::set<std::string> scopes;
  for (const PriceEntry& entry : file_.entries) {
    if (std::ranges::find(entry.models, key.model) == entry.models.end()) continue;
    scopes.insert(entry.scopes.begin(), entry.scopes.end());
  }
  if (scopes.empty())
    return none(NoPrice::Reason::kModel, fmt::format("{} has no price in {}", key.model, file_.name));
  const bool scope_known = key.area.empty()
                               ? scopes.contains("region") || scopes.contains("region:" + key.region)
                               : scopes.contains(key.area);
  if (scope_known)
    return none(NoPrice::Reason::kTier, fmt::format("{} has no price for tier \"{}\" and {} in {}", key.model,
                                                    key.tier, scope_text(key), file_.name));
  return none(NoPrice::Reason::kScope, fmt::format("{} has no price for {} in {}, only for: {}", key.model,
                                                   scope_text(key), file_.name, fmt::join(scopes, ", ")));
}

std::expected<UnitPrices, NoPrice> PriceBook::prices(const PriceKey& key, std::int64_t input_tokens,
                                                     Day day) const {
  const auto steps = in_force(key, day);
  if (!steps) return std::unexpected(steps.error());
  const auto step = std::ranges::find_if(
      *steps, [&](const PriceEntry* e) { return e->context_above == 0 || input_tokens > e->context_above; });
  return (*step)->prices;
}

Cost PriceBook::cost(const PriceKey& key, const Quantities& used, Day day) const {
  const auto found = prices(key, used.tokens.total() - used.tokens.output_tokens, day);
  if (!found) return std::unexpected(found.error());
  Sum sum = 0;
  const auto amounts = counts(used);
  for (std::size_t i = 0; i < kUnits; ++i) {
    if (amounts.at(i) <= 0) continue;
    const auto& price = found->at(i);
    if (!price)
      return std::unexpected(none(
          NoPrice::Reason::kUnit,
          fmt::format("{} has no price for {} in {}", key.model, name_of(static_cast<Unit>(i)), file_.name)));
    sum += amount(amounts.at(i), *price, i);
  }
  return rounded(sum);
}

Cost PriceBook::most(const PriceKey& key, std::int64_t input_tokens, std::int64_t output_tokens,
                     Day day) const {
  const auto steps = in_force(key, day);
  if (!steps) return std::unexpected(steps.error());
  Sum highest = 0;
  for (const PriceEntry* step : *steps) {
    if (step->context_above != 0 && input_tokens <= step->context_above) continue;
    std::int64_t input = 0;
    for (const Unit unit : {Unit::kInput, Unit::kCacheRead, Unit::kCacheWrite5m, Unit::kCacheWrite1h})
      input = std::max(input, step->prices.at(static_cast<std::size_t>(unit)).value_or(0));
    const auto& in = step->prices.at(static_cast<std::size_t>(Unit::kInput));
    const auto& out = step->prices.at(static_cast<std::size_t>(Unit::kOutput));
    if (!in || (!out && output_tokens > 0))
      return std::unexpected(
          none(NoPrice::Reason::kUnit,
               fmt::format("{} has no price for {} in {}", key.model, in ? "output" : "input", file_.name)));
    const Sum sum = amount(std::max<std::int64_t>(input_tokens, 0), input, 0) +
                    amount(std::max<std::int64_t>(output_tokens, 0), out.value_or(0), 0);
    highest = std::max(highest, sum);
  }
  return rounded(highest);
}

Day PriceBook::oldest_check() const {
  Day oldest = Day::max();
  for (const PriceEntry& entry : file_.entries) oldest = std::min(oldest, entry.checked_on);
  return oldest;
}

}  // namespace caprock::gateway
