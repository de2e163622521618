#include "gateway/plan.h"

#include <algorithm>
#include <optional>

namespace caprock::gateway {

using base::Result;
using PlanPointer = std::shared_ptr<const Plan>;

std::string_view model_itself(std::string_view id) {
  if (const auto slash = id.rfind('/'); slash != std::string_view::npos) id.remove_prefix(slash + 1);
  // https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
  constexpr std::array<std::string_view, 9> kProfiles{"us.", "eu.", "apac.", "global.", "jp.",
                                                      "au.", "ca.", "sa.",   "us-gov."};
  for (const std::string_view prefix : kProfiles)
    if (id.starts_with(prefix)) return id.substr(prefix.size());
  return id;
}

Planner::Planner(Routes routes, std::string default_model, TargetFinder find, TargetStates& states)
    : routes_(std::move(routes)),
      default_model_(std::move(default_model)),
      find_(std::move(find)),
      states_(states) {}

Result<PlanPointer> Planner::make(const std::string& name) const {
  auto made = std::make_shared<Plan>();
  std::optional<base::Error> trouble;
  for (const std::string& model : routes_.of(name.empty() ? default_model_ : name)) {
    auto target = find_(model);
    if (!target) {
      if (!trouble) trouble = std::move(target).error();
      continue;
    }
    auto state = states_.of(*target);
    const auto known = [&](const Plan::Stop& stop) { return stop.state == state; };
    if (std::ranges::any_of(made->stops, known)) continue;
    const bool same = made->stops.empty() ||
                      model_itself(made->stops[0].state->target().model) == model_itself(target->model);
    if (same && !made->stops.empty()) made->has_twins = true;
    made->stops.push_back({.state = std::move(state), .same_model = same});
  }
  if (made->stops.empty()) return base::failure(*std::move(trouble));
  return made;
}

Result<PlanPointer> Planner::plan(const std::string& name) {
  Shard& shard = shards_.at(std::hash<std::string>()(name) % kShards);
  {
    const std::lock_guard lock(shard.mutex);
    if (const auto found = shard.plans.find(name); found != shard.plans.end()) return found->second;
  }
  CAPROCK_TRY(PlanPointer made, make(name));
  const std::lock_guard lock(shard.mutex);
  if (shard.plans.size() >= kMostInShard) shard.plans.clear();
  shard.plans.emplace(name, made);
  return made;
}

}  // namespace caprock::gateway
