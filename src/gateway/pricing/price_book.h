#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/money.h"
#include "gateway/pricing/price_entry.h"
#include "llm/usage.h"

namespace caprock::gateway {

/// What a price depends on besides the day.
struct PriceKey {
  std::string model;   ///< without area: "amazon.nova-lite-v1:0", "openai/gpt-4o"
  std::string area;    ///< of a cross-region profile; empty: the region itself
  std::string region;  ///< where the request is made, as far as known
  std::string tier = "default";
};

/// Of a model as requests name it (id, profile, ARN, with or without "bedrock/" before) and a service tier as
/// requests and replies name it.
PriceKey price_key(std::string_view model, std::string_view tier = {}, std::string_view region = {});

/// What a call used.
struct Quantities {
  llm::Usage tokens;
  std::int64_t input_images = 0;
  std::int64_t output_images = 0;
  std::int64_t searches = 0;
};

/// Why there is no price. Never to be taken for zero.
struct NoPrice {
  enum class Reason : std::uint8_t {
    kModel,  ///< no entry for the model
    kScope,  ///< only for other regions or profiles
    kTier,   ///< only for other tiers
    kDay,    ///< only from a later day on
    kUnit,   ///< for the model, but not for what was used: cache reads, images, …
  };
  Reason reason = Reason::kModel;
  std::string message;  ///< for people, naming what would have to be added
};
std::string_view name_of(NoPrice::Reason reason);

using Cost = std::expected<base::NanoUsd, NoPrice>;

/// Prices of one file, ready to be asked. Immutable; any thread.
class PriceBook {
 public:
  explicit PriceBook(PriceFile file);
  PriceBook(const PriceBook&) = delete;  // what it looks up are pointers into its own file
  PriceBook& operator=(const PriceBook&) = delete;

  /// What `used` costs: units times prices, summed exactly, and the sum rounded up to a whole nano-dollar.
  /// The step by context is chosen by all tokens of input, cached ones too. Negative counts are zero.
  Cost cost(const PriceKey& key, const Quantities& used, Day day) const;
  /// The most that a call can cost with up to so many tokens of input, written to a cache or not, and of
  /// output; no smaller call costs more.
  Cost most(const PriceKey& key, std::int64_t input_tokens, std::int64_t output_tokens, Day day) const;
  /// The prices at a context of `input_tokens`.
  std::expected<UnitPrices, NoPrice> prices(const PriceKey& key, std::int64_t input_tokens, Day day) const;

  const PriceFile& file() const { return file_; }
  /// The day on which the longest unchecked entry was checked.
  Day oldest_check() const;

 private:
  using Entries = std::vector<const PriceEntry*>;  ///< the newest day first, then the highest step
  std::expected<Entries, NoPrice> in_force(const PriceKey& key, Day day) const;
  const Entries* of(const std::string& model, const std::string& scope, const std::string& tier) const;
  const Entries* best_scope(const std::string& model, const PriceKey& key) const;
  NoPrice why_none(const PriceKey& key) const;

  PriceFile file_;
  std::unordered_map<std::string, Entries> entries_;  ///< by model, scope and tier
};

}  // namespace caprock::gateway
