#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/pricing/price_book.h"
#include "gateway/pricing/settings.h"

namespace caprock::gateway {

/// The prices in force. Thread safe; a request that has taken a book goes on with it when another is loaded.
class Prices {
 public:
  /// Blocks. kInvalidArgument with field "pricing.file" and every problem of the file in the message. The
  /// clock must outlive it.
  static base::Result<std::unique_ptr<Prices>> open(const PricingSettings& settings,
                                                    const base::Clock& clock);

  std::shared_ptr<const PriceBook> book() const;
  /// Today, in UTC.
  Day today() const;
  /// What `used` costs today. The provider's own word (`Usage::billed_nano_usd`) goes before the list.
  Cost cost(std::string_view model, const llm::Usage& used, std::string_view tier = {},
            std::string_view region = {}) const;

  /// Reads the file again. Blocks. On a problem the prices stay as they are, and the error, which is
  /// open()'s, is part of status() until the next reload.
  base::Result<void> reload();

  struct Status {
    std::string name;  ///< of the file
    std::size_t entries = 0;
    Day oldest_check;
    bool stale = false;   ///< checked longer ago than [pricing] stale_after
    std::string trouble;  ///< why the last reload kept the prices before it; empty: it did not
  };
  Status status() const;
  /// Why an operator should look at the prices; empty: no reason.
  std::string warning() const;

 private:
  Prices(PricingSettings settings, const base::Clock& clock)
      : settings_(std::move(settings)), clock_(clock) {}
  base::Result<std::shared_ptr<const PriceBook>> load() const;

  const PricingSettings settings_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const PriceBook> book_;
  std::string trouble_;
};

}  // namespace caprock::gateway
