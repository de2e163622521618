#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/strong.h"
#include "llm/chat_request.h"

namespace caprock::gateway {

/// What stays the same from turn to turn of a conversation, as a number: the caller's cache key, else the
/// system prompt and the first message, with the tenant.
std::uint64_t conversation_of(const base::TenantId& tenant, const llm::ChatRequest& request);

/// Which place answered a conversation last, where it was not the first of its plan: its prompt is cached
/// there. Forgotten some minutes after the last turn. Bounded; any thread.
class Affinity {
 public:
  explicit Affinity(std::chrono::milliseconds time) : time_(time) {}

  /// The stop of the plan, or nothing.
  std::optional<std::size_t> find(std::uint64_t conversation, base::MonoTime now);
  /// `stop` 0, the first, needs no entry.
  void remember(std::uint64_t conversation, std::size_t stop, base::MonoTime now);

 private:
  struct Entry {
    std::size_t stop;
    base::MonoTime until;
  };
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMostInShard = 4096;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, Entry> entries;
  };

  const std::chrono::milliseconds time_;
  std::array<Shard, kShards> shards_;
};

}  // namespace caprock::gateway
