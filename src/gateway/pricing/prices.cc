#include "gateway/pricing/prices.h"

#include <fmt/format.h>

#include "gateway/pricing/price_file.h"

namespace caprock::gateway {

using base::Result;

base::SettingsSection PricingSettings::describe() {
  return {.name = "pricing",
          .help = "What models cost",
          .settings = {
              {.key = "file", .target = &file, .help = "price file; empty: the prices built in"},
              {.key = "stale_after",
               .target = &stale_after,
               .help = "prices that nobody compared with their source for so long are reported",
               .min = 86'400'000},
              {.key = "unpriced",
               .target = &unpriced,
               .help = "calls to a model without a price: flag lets them pass, counted as of unknown cost",
               .choices = {"flag", "refuse"}},
          }};
}

Result<void> PricingSettings::check() const {
  if (file.empty()) return {};
  CAPROCK_CHECK(Prices::open(*this, base::system_clock()));
  return {};
}

Result<std::unique_ptr<Prices>> Prices::open(const PricingSettings& settings, const base::Clock& clock) {
  std::unique_ptr<Prices> prices(new Prices(settings, clock));
  CAPROCK_TRY(prices->book_, prices->load());
  return prices;
}

Result<std::shared_ptr<const PriceBook>> Prices::load() const {
  auto file = settings_.file.empty() ? parse_prices(built_in_prices(), kBuiltInName)
                                     : read_price_file(settings_.file);
  if (file) return std::make_shared<const PriceBook>(std::move(*file));
  std::string all = "[pricing] file cannot be used";
  for (const PriceProblem& problem : file.error()) all += "\n" + problem.text();
  return base::failure(base::invalid_argument("pricing.file", std::move(all)));
}

std::shared_ptr<const PriceBook> Prices::book() const {
  const std::lock_guard lock(mutex_);
  return book_;
}

Day Prices::today() const { return std::chrono::floor<std::chrono::days>(clock_.wall()); }

Cost Prices::cost(std::string_view model, const llm::Usage& used, std::string_view tier,
                  std::string_view region) const {
  if (used.billed_nano_usd) return base::NanoUsd(*used.billed_nano_usd);
  return book()->cost(price_key(model, tier, region), {.tokens = used}, today());
}

Result<void> Prices::reload() {
  auto fresh = load();
  const std::lock_guard lock(mutex_);
  trouble_ = fresh ? "" : fresh.error().message;
  if (!fresh) return base::failure(std::move(fresh).error());
  book_ = std::move(*fresh);
  return {};
}

Prices::Status Prices::status() const {
  Status status;
  const auto now = today();
  const std::lock_guard lock(mutex_);
  status.name = book_->file().name;
  status.entries = book_->file().entries.size();
  status.oldest_check = book_->oldest_check();
  status.stale = status.entries > 0 && now - status.oldest_check > settings_.stale_after;
  status.trouble = trouble_;
  return status;
}

std::string Prices::warning() const {
  const Status now = status();
  if (!now.trouble.empty()) return "the last good prices stay in force: " + now.trouble;
  if (now.stale)
    return fmt::format("{} were last compared with their source on {}", now.name, day_text(now.oldest_check));
  return {};
}

}  // namespace caprock::gateway
