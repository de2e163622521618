#pragma once

#include "stores/chunk_store.h"
#include "stores/sqlite/database.h"

namespace caprock::stores {

/// ChunkStore over SQLite; a batch is one job of the writer.
class SqliteChunkStore final : public ChunkStore {
 public:
  explicit SqliteChunkStore(Database& db) : db_(db) {}
  base::Awaitable<base::Result<void>> put(const base::RequestContext& context, CollectionKey collection,
                                          std::vector<ChunkRecord> chunks) override;
  base::Awaitable<base::Result<std::vector<ChunkRecord>>> get(const base::RequestContext& context,
                                                              CollectionKey collection,
                                                              std::vector<ChunkKey> keys) override;
  base::Awaitable<base::Result<Page<Chunk>>> list(const base::RequestContext& context,
                                                  CollectionKey collection, DocumentId document,
                                                  std::uint32_t version, PageRequest page) override;
  base::Awaitable<base::Result<void>> remove(const base::RequestContext& context, CollectionKey collection,
                                             DocumentId document, std::uint32_t version) override;

 private:
  Database& db_;
};

}  // namespace caprock::stores
