#include "gateway/affinity.h"

#include <functional>
#include <string_view>

namespace caprock::gateway {
namespace {

std::uint64_t mixed(std::uint64_t seed, std::string_view text) {
  return seed * 0x9E3779B97F4A7C15ULL ^ std::hash<std::string_view>()(text);
}

std::uint64_t with_text(std::uint64_t seed, const std::vector<llm::ContentBlock>& blocks) {
  for (const llm::ContentBlock& block : blocks)
    if (const auto* text = std::get_if<llm::TextBlock>(&block)) seed = mixed(seed, text->text);
  return seed;
}

}  // namespace

std::uint64_t conversation_of(const base::TenantId& tenant, const llm::ChatRequest& request) {
  std::uint64_t key = mixed(mixed(1, tenant.str()), request.model);
  if (!request.cache_key.empty()) return mixed(key, request.cache_key);
  key = with_text(key, request.system);
  if (!request.messages.empty()) key = with_text(key, request.messages.front().content);
  return key;
}

std::optional<std::size_t> Affinity::find(std::uint64_t conversation, base::MonoTime now) {
  Shard& shard = shards_.at(conversation % kShards);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(conversation);
  if (found == shard.entries.end()) return std::nullopt;
  if (found->second.until > now) return found->second.stop;
  shard.entries.erase(found);
  return std::nullopt;
}

void Affinity::remember(std::uint64_t conversation, std::size_t stop, base::MonoTime now) {
  Shard& shard = shards_.at(conversation % kShards);
  const std::lock_guard lock(shard.mutex);
  if (stop == 0 || time_.count() == 0) {
    shard.entries.erase(conversation);
    return;
  }
  if (shard.entries.size() >= kMostInShard)
    std::erase_if(shard.entries, [now](const auto& entry) { return entry.second.until <= now; });
  // Full of conversations that go on: forgetting where this one was costs a cache miss, no more.
  if (shard.entries.size() < kMostInShard || shard.entries.contains(conversation))
    shard.entries[conversation] = {.stop = stop, .until = now + time_};
}

}  // namespace caprock::gateway
