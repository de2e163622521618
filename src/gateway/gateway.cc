#include "gateway/gateway.h"

#include <stdexcept>

#include "gateway/chat_chain.h"
#include "gateway/priced_sink.h"
#include "gateway/usage_log.h"
#include "gateway/usage_metrics.h"

namespace caprock::gateway {
namespace {

Routes routes_of(const GatewaySettings& settings) {
  auto routes = Routes::make(settings.routing, settings.fallback);
  if (!routes) throw std::invalid_argument(routes.error().message);
  return *std::move(routes);
}

std::shared_ptr<UsageSink> sinks_of(Gateway::Parts& parts) {
  std::vector<std::unique_ptr<UsageSink>> sinks = std::move(parts.sinks);
  sinks.push_back(std::make_unique<UsageMetrics>(parts.metrics));
  if (parts.settings.call.log_calls) sinks.push_back(std::make_unique<UsageLog>());
  auto all = std::make_unique<UsageSinks>(std::move(sinks));
  if (parts.prices == nullptr) return all;
  return std::make_shared<PricedSink>(std::move(all), *parts.prices);
}

std::optional<DrainLimits> drain_of(const CallSettings& settings) {
  if (settings.on_disconnect != "drain") return std::nullopt;
  return DrainLimits{.bytes = settings.drain_bytes.count, .time = settings.drain_time};
}

}  // namespace

Gateway::Gateway(Parts parts)
    : clock_(parts.clock),
      routes_(routes_of(parts.settings)),
      sink_(sinks_of(parts)),
      states_(parts.settings.fallback.breaker, parts.settings.retry.capacity, parts.metrics),
      planner_(routes_, std::move(parts.default_model), std::move(parts.find), states_),
      attempts_(
          {.planner = planner_,
           .clock = parts.clock,
           .course = {.retry = parts.settings.retry, .max_attempts = parts.settings.fallback.max_attempts},
           .budget = parts.settings.fallback.budget,
           .affinity_time = parts.settings.fallback.affinity_time}),
      chat_(std::make_unique<ChatGateway>(
          chat_chain({.attempts = attempts_, .last = parts.last}),
          ChatGateway::Parts{.sink = sink_, .clock = parts.clock, .drain = drain_of(parts.settings.call)})) {}

}  // namespace caprock::gateway
