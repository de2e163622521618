#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "stores/document_store.h"

namespace caprock::stores {

/// What searches see of the documents they met lately, so that a query does not read it again. A reader that
/// found nothing takes the generation first, reads the table, and puts what it read: when the document
/// changed in between, the generation has moved on and the stale value is dropped. Thread safe.
class VisibleCache {
 public:
  struct Entry {
    std::string collection;
    VisibleDocument document;  ///< version 0: searches do not see it
  };
  using Found = std::shared_ptr<const Entry>;

  explicit VisibleCache(std::size_t capacity = 100'000) : shard_capacity_(capacity / kShards / 2 + 1) {}

  /// Null when it is not known.
  Found find(const base::TenantId& tenant, const DocumentId& id);
  std::uint64_t generation(const base::TenantId& tenant, const DocumentId& id);
  void put(const base::TenantId& tenant, const DocumentId& id, Found entry, std::uint64_t generation);
  /// After every committed change of the document.
  void forget(const base::TenantId& tenant, const DocumentId& id);

 private:
  static constexpr std::size_t kShards = 16;
  // Two halves instead of a list: when `young` is full it becomes `old`, and what nobody asked for since is
  // gone.
  struct Shard {
    std::mutex mutex;
    std::uint64_t generation = 0;
    std::unordered_map<std::string, Found> young;
    std::unordered_map<std::string, Found> old;
  };
  static std::string key(const base::TenantId& tenant, const DocumentId& id) {
    return tenant.str() + '\0' + id.str();
  }
  Shard& shard(const std::string& key) { return shards_[std::hash<std::string>{}(key) % kShards]; }
  void insert(Shard& shard, std::string key, Found entry);

  std::size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace caprock::stores
