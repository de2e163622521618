#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/settings.h"
#include "gateway/breaker.h"
#include "gateway/retry_budget.h"

namespace caprock::gateway {

/// `[routing]`: names for models and groups of models.
struct RoutingSettings {
  std::vector<std::string> aliases;  ///< "NAME = MODEL | MODEL": asked in this order
  base::SettingsSection describe();
};

/// `[fallback]`: who is asked when a target fails, and when one is left alone.
struct FallbackSettings {
  std::vector<std::string> models;  ///< after every model
  std::vector<std::string> chains;  ///< "MODEL = NEXT | NEXT": after this model, before those of `models`
  std::int64_t max_attempts = 6;    ///< of one request at all targets together
  std::chrono::milliseconds affinity_time{300'000};  ///< as long as Bedrock keeps what it cached
  RetryBudgetSettings budget;
  BreakerSettings breaker;
  base::SettingsSection describe();
};

/// Names → ordered lists of models. Immutable; any thread.
class Routes {
 public:
  /// kInvalidArgument with the setting as field for what cannot be read, an alias that leads back to itself
  /// or to nothing, a chain from a model to itself, and names that stand twice.
  static base::Result<Routes> make(const RoutingSettings& routing, const FallbackSettings& fallback);

  /// The models to ask for `name`, in order, each once; never empty. A name that is no alias is a model.
  std::vector<std::string> of(const std::string& name) const;
  bool is_alias(const std::string& name) const { return aliases_.contains(name); }
  const std::map<std::string, std::vector<std::string>>& aliases() const { return aliases_; }

 private:
  void append(std::vector<std::string>& out, std::set<std::string>& seen, const std::string& name) const;
  base::Result<void> check_cycles() const;

  std::map<std::string, std::vector<std::string>> aliases_;
  std::map<std::string, std::vector<std::string>> chains_;
  std::vector<std::string> after_all_;
};

}  // namespace caprock::gateway
