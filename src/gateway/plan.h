#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/routing.h"
#include "gateway/target_state.h"

namespace caprock::gateway {

/// The targets that a request for one name may go to, in order; never empty. Immutable.
struct Plan {
  struct Stop {
    std::shared_ptr<TargetState> state;
    bool same_model =
        false;  ///< the model of the first stop, elsewhere: what it cached can be worth a way back
  };
  std::vector<Stop> stops;
  bool has_twins = false;  ///< a second stop has the model of the first
};

/// "us.anthropic.claude-…" and "bedrock@west/eu.anthropic.claude-…" are one model in different places: the id
/// without provider, ARN and inference profile's prefix.
std::string_view model_itself(std::string_view id);

/// Plans, made once for each name and kept: names come from requests, so their number is bounded. Any thread.
class Planner {
 public:
  Planner(Routes routes, std::string default_model, TargetFinder find, TargetStates& states);

  /// Models of a group or chain that nobody serves are left out. Errors of the finder for the first when
  /// none is left.
  base::Result<std::shared_ptr<const Plan>> plan(const std::string& name);

 private:
  base::Result<std::shared_ptr<const Plan>> make(const std::string& name) const;

  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMostInShard = 256;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<const Plan>> plans;
  };

  const Routes routes_;
  const std::string default_model_;
  const TargetFinder find_;
  TargetStates& states_;
  std::array<Shard, kShards> shards_;
};

}  // namespace caprock::gateway
