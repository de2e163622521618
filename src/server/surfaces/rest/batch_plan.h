#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace caprock::server::rest {

/// In which order the requests of a batch run: grouped by model, each model in the order given, and the next
/// is of the model of which the fewest are running, so that a slow one does not hold up the others. Pure; one
/// thread.
class BatchPlan {
 public:
  explicit BatchPlan(const std::vector<std::string>& models);
  /// The index of the request to run now; nothing when all have been given out.
  std::optional<std::size_t> next();
  /// That request has ended.
  void done(std::size_t index);

 private:
  struct Group {
    std::string model;
    std::deque<std::size_t> waiting;
    std::size_t running = 0;
  };
  std::vector<Group> groups_;
  std::vector<std::size_t> group_of_;  ///< by request
};

}  // namespace caprock::server::rest
