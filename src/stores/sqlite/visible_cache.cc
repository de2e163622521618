#include "stores/sqlite/visible_cache.h"

namespace caprock::stores {

VisibleCache::Found VisibleCache::find(const base::TenantId& tenant, const DocumentId& id) {
  std::string name = key(tenant, id);
  Shard& part = shard(name);
  const std::lock_guard lock(part.mutex);
  if (const auto young = part.young.find(name); young != part.young.end()) return young->second;
  const auto old = part.old.find(name);
  if (old == part.old.end()) return nullptr;
  Found entry = old->second;
  part.old.erase(old);
  insert(part, std::move(name), entry);
  return entry;
}

std::uint64_t VisibleCache::generation(const base::TenantId& tenant, const DocumentId& id) {
  Shard& part = shard(key(tenant, id));
  const std::lock_guard lock(part.mutex);
  return part.generation;
}

void VisibleCache::put(const base::TenantId& tenant, const DocumentId& id, Found entry,
                       std::uint64_t generation) {
  std::string name = key(tenant, id);
  Shard& part = shard(name);
  const std::lock_guard lock(part.mutex);
  if (part.generation == generation) insert(part, std::move(name), std::move(entry));
}

void VisibleCache::forget(const base::TenantId& tenant, const DocumentId& id) {
  const std::string name = key(tenant, id);
  Shard& part = shard(name);
  const std::lock_guard lock(part.mutex);
  ++part.generation;
  part.young.erase(name);
  part.old.erase(name);
}

void VisibleCache::insert(Shard& shard, std::string key, Found entry) {
  if (shard.young.size() >= shard_capacity_) {
    shard.old = std::move(shard.young);
    shard.young.clear();
  }
  shard.young.insert_or_assign(std::move(key), std::move(entry));
}

}  // namespace caprock::stores
