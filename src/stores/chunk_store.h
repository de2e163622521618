#pragma once

#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "stores/types.h"

namespace caprock::stores {

struct ChunkRecord {
  ChunkKey key;
  Chunk chunk;
};

/// The passages themselves. A batch may span documents of one collection. Thread safe; errors as of
/// DocumentStore.
class ChunkStore {
 public:
  virtual ~ChunkStore() = default;
  virtual base::Awaitable<base::Result<void>> put(const base::RequestContext& context,
                                                  CollectionKey collection,
                                                  std::vector<ChunkRecord> chunks) = 0;
  /// In the order of `keys`, leaving out those that are not there.
  virtual base::Awaitable<base::Result<std::vector<ChunkRecord>>> get(const base::RequestContext& context,
                                                                      CollectionKey collection,
                                                                      std::vector<ChunkKey> keys) = 0;
  virtual base::Awaitable<base::Result<Page<Chunk>>> list(const base::RequestContext& context,
                                                          CollectionKey collection, DocumentId document,
                                                          std::uint32_t version, PageRequest page) = 0;
  virtual base::Awaitable<base::Result<void>> remove(const base::RequestContext& context,
                                                     CollectionKey collection, DocumentId document,
                                                     std::uint32_t version) = 0;
};

}  // namespace caprock::stores
