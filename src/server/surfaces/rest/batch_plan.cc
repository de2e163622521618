#include "server/surfaces/rest/batch_plan.h"

#include <algorithm>

namespace caprock::server::rest {

BatchPlan::BatchPlan(const std::vector<std::string>& models) {
  for (std::size_t i = 0; i < models.size(); ++i) {
    auto found = std::ranges::find(groups_, models[i], &Group::model);
    if (found == groups_.end()) {
      groups_.push_back({.model = models[i], .waiting = {}});
      found = groups_.end() - 1;
    }
    found->waiting.push_back(i);
    group_of_.push_back(static_cast<std::size_t>(found - groups_.begin()));
  }
}

std::optional<std::size_t> BatchPlan::next() {
  Group* best = nullptr;
  for (Group& group : groups_)
    if (!group.waiting.empty() && (best == nullptr || group.running < best->running)) best = &group;
  if (best == nullptr) return std::nullopt;
  const std::size_t index = best->waiting.front();
  best->waiting.pop_front();
  ++best->running;
  return index;
}

void BatchPlan::done(std::size_t index) { --groups_[group_of_.at(index)].running; }

}  // namespace caprock::server::rest
