#pragma once

#include <chrono>
#include <string>

#include "aws/retry.h"
#include "base/settings.h"
#include "gateway/routing.h"

namespace caprock::gateway {

/// `[gateway]`.
struct CallSettings {
  std::string on_disconnect = "abort";  ///< or "drain"
  base::Bytes drain_bytes{1'000'000};
  std::chrono::milliseconds drain_time{60'000};
  bool log_calls = true;
  base::SettingsSection describe();
};

/// Every section of the gateway. Its sections point into it.
struct GatewaySettings {
  CallSettings call;
  aws::RetrySettings retry;
  RoutingSettings routing;
  FallbackSettings fallback;

  std::vector<base::SettingsSection> sections();
  /// kInvalidArgument with the setting as field.
  base::Result<void> check() const;
};

}  // namespace caprock::gateway
