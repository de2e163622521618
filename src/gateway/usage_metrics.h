#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/metrics.h"
#include "gateway/usage.h"

namespace caprock::gateway {

/// The names that users' dashboards have: bedrock_requests_total{model,status},
/// bedrock_response_time_seconds{model}, bedrock_errors_total{model,type},
/// bedrock_tokens_total{model,direction}; and time to first event, attempts and routes of ours. The number of
/// models is bounded: one that never answered, or is too many, is "other".
class UsageMetrics final : public UsageSink {
 public:
  explicit UsageMetrics(base::MetricRegistry& metrics, std::size_t most_models = 200);
  void record(const UsageRecord& record) override;

 private:
  struct Series;
  std::shared_ptr<Series> of(const UsageRecord& record);

  static constexpr std::size_t kShards = 16;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<Series>> models;
  };

  base::MetricRegistry& metrics_;
  const std::size_t most_in_shard_;
  std::array<Shard, kShards> shards_;
  std::shared_ptr<Series> other_;
};

}  // namespace caprock::gateway
