#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "gateway/attempts.h"
#include "gateway/chat_gateway.h"
#include "gateway/pricing/prices.h"
#include "gateway/settings.h"
#include "llm/chat_model.h"

namespace caprock::gateway {

/// The gateway as a whole: what its stages share, and the chain of them. Thread safe.
class Gateway {
 public:
  struct Parts {
    GatewaySettings settings;
    llm::ChatModel& last;  ///< makes one attempt
    TargetFinder find;     ///< who serves a model, for `last`
    std::string default_model;
    base::MetricRegistry& metrics;
    const base::Clock& clock;
    const Prices* prices = nullptr;                      ///< for calls whose cost nobody told
    std::vector<std::unique_ptr<UsageSink>> sinks = {};  ///< besides metrics and log
  };
  /// What the parts refer to must outlive it. The settings must have passed their check: an error in them is
  /// thrown as std::invalid_argument.
  explicit Gateway(Parts parts);

  ChatGateway& chat() { return *chat_; }
  /// For calls that are not chats: native bodies, vectors. Measure them by a CallMeter on `sink()`.
  Attempts& attempts() { return attempts_; }
  const std::shared_ptr<UsageSink>& sink() const { return sink_; }
  const base::Clock& clock() const { return clock_; }
  const Routes& routes() const { return routes_; }

 private:
  const base::Clock& clock_;
  const Routes routes_;
  std::shared_ptr<UsageSink> sink_;
  TargetStates states_;
  Planner planner_;
  Attempts attempts_;
  std::unique_ptr<ChatGateway> chat_;
};

}  // namespace caprock::gateway
