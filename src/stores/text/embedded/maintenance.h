#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "stores/sqlite/database.h"
#include "stores/text/embedded/collection.h"
#include "stores/text/embedded/text_index.h"

namespace caprock::stores::text {

std::filesystem::path segment_path(const std::filesystem::path& folder, std::uint64_t id);

/// Moves memory tables into segments, merges segments, drops the dead; on one thread of its own. An error is
/// logged and tried again with the next piece of work: nothing is lost, the log keeps growing meanwhile.
class Maintenance {
 public:
  Maintenance(Database& database, std::filesystem::path folder, EmbeddedTextIndex::Settings settings,
              std::atomic<std::uint64_t>& sequence);
  ~Maintenance();

  /// There may be something to do. Any thread, cheap.
  void wake(std::shared_ptr<Collection> collection);
  /// Does now what can be done, on the calling thread; `all`: also what is not due yet.
  base::Result<void> tidy(Collection& collection, bool all);
  bool due(const Collection& collection) const;

 private:
  using Inputs = std::vector<std::shared_ptr<const LiveSegment>>;
  void loop(const std::stop_token& stop);
  base::Result<void> flush(Collection& collection);
  base::Result<void> merge(Collection& collection, const Inputs& inputs, std::uint32_t level);
  base::Result<std::shared_ptr<LiveSegment>> write_segment(const std::string& bytes, std::uint32_t level);
  /// What to merge next, or nothing.
  std::optional<Inputs> choose(const Collection& collection, bool all) const;
  base::Result<void> drop_done_tombstones(Collection& collection);

  Database& database_;
  const std::filesystem::path folder_;
  const EmbeddedTextIndex::Settings settings_;
  std::atomic<std::uint64_t>& sequence_;
  std::mutex working_;  ///< one piece of work at a time, also with tidy() called from outside
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<std::shared_ptr<Collection>> waiting_;
  std::jthread thread_;
};

}  // namespace caprock::stores::text
