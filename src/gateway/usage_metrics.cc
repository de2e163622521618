#include "gateway/usage_metrics.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

namespace caprock::gateway {
namespace {

constexpr std::array kOutcomes{Outcome::kOk, Outcome::kError, Outcome::kTimeout, Outcome::kClientGone,
                               Outcome::kBroken};

/// "success" where everything went well: the word that dashboards look for.
std::string status_of(Outcome outcome) {
  return outcome == Outcome::kOk ? "success" : std::string(name_of(outcome));
}

// From a cached word to a long answer with thoughts.
const std::vector<double> kSeconds{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300};

}  // namespace

/// The handles of one model. Those that most models never need are made at first use.
struct UsageMetrics::Series {
  Series(base::MetricRegistry& registry, std::string name)
      : metrics(registry),
        model(std::move(name)),
        seconds(registry.histogram("bedrock_response_time_seconds", "Time of a call to a model, to its end.",
                                   kSeconds, {{"model", model}})),
        first(registry.histogram("caprock_first_event_seconds", "Time to the first event of a reply.",
                                 kSeconds, {{"model", model}})),
        attempts(
            registry.counter("caprock_upstream_attempts_total", "Attempts at a model.", {{"model", model}})),
        cost(registry.counter("bedrock_cost_usd_total",
                              "What calls to a model cost, as far as known, in US dollars.",
                              {{"model", model}})),
        tokens{direction("input"), direction("output"), direction("cache_read"), direction("cache_write")} {
    for (const Outcome outcome : kOutcomes)
      requests.at(static_cast<std::size_t>(outcome)) =
          &registry.counter("bedrock_requests_total", "Calls to a model by how they ended.",
                            {{"model", model}, {"status", status_of(outcome)}});
  }

  base::Counter& direction(const char* name) {
    return metrics.counter("bedrock_tokens_total", "Tokens that models took and made.",
                           {{"model", model}, {"direction", name}});
  }
  // Both words are of fixed sets, some twenty each.
  void error(std::string_view type) {
    metrics
        .counter("bedrock_errors_total", "Calls to a model that failed, by what was wrong.",
                 {{"model", model}, {"type", std::string(type)}})
        .add();
  }
  void rerouted(std::string_view reason) {
    metrics
        .counter("caprock_rerouted_total", "Calls that another than the first target answered, by why.",
                 {{"model", model}, {"reason", std::string(reason)}})
        .add();
  }

  base::MetricRegistry& metrics;
  const std::string model;
  base::Histogram& seconds;
  base::Histogram& first;
  base::Counter& attempts;
  base::Counter& cost;
  std::array<base::Counter*, kOutcomes.size()> requests{};
  std::array<std::reference_wrapper<base::Counter>, 4> tokens;
};

UsageMetrics::UsageMetrics(base::MetricRegistry& metrics, std::size_t most_models)
    : metrics_(metrics),
      most_in_shard_(std::max<std::size_t>(1, most_models / kShards)),
      other_(std::make_shared<Series>(metrics, "other")) {}

std::shared_ptr<UsageMetrics::Series> UsageMetrics::of(const UsageRecord& record) {
  if (record.model.empty()) return other_;
  Shard& shard = shards_.at(std::hash<std::string>()(record.model) % kShards);
  const std::lock_guard lock(shard.mutex);
  if (const auto found = shard.models.find(record.model); found != shard.models.end()) return found->second;
  // Anybody can name a model that does not exist; none of them is to stay.
  if (record.outcome != Outcome::kOk || shard.models.size() >= most_in_shard_) return other_;
  return shard.models.emplace(record.model, std::make_shared<Series>(metrics_, record.model)).first->second;
}

void UsageMetrics::record(const UsageRecord& r) {
  const auto series = of(r);
  series->requests.at(static_cast<std::size_t>(r.outcome))->add();
  series->seconds.observe(std::chrono::duration<double>(r.latency).count());
  if (r.first_event) series->first.observe(std::chrono::duration<double>(*r.first_event).count());
  if (r.attempts > 0) series->attempts.add(static_cast<double>(r.attempts));
  const std::array counts{r.usage.input_tokens, r.usage.output_tokens, r.usage.cache_read_tokens,
                          r.usage.cache_write_tokens};
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts.at(i) > 0) series->tokens.at(i).get().add(static_cast<double>(counts.at(i)));
  if (r.usage.billed_nano_usd) series->cost.add(static_cast<double>(*r.usage.billed_nano_usd) * 1e-9);
  if (r.outcome != Outcome::kOk) series->error(r.error);
  if (!r.reason.empty() && r.reason != "first") series->rerouted(r.reason);
}

}  // namespace caprock::gateway
