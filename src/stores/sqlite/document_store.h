#pragma once

#include <string>

#include "stores/document_store.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/visible_cache.h"

namespace caprock::stores {

/// DocumentStore over SQLite. The claims of an earlier process are void: one process uses the file at a time.
class SqliteDocumentStore final : public DocumentStore {
 public:
  explicit SqliteDocumentStore(Database& db, const base::Clock& clock = base::system_clock())
      : db_(db), clock_(clock) {}
  /// Frees the jobs that an earlier process held. Blocks; call it once before workers start.
  base::Result<void> release_claims();

  base::Awaitable<base::Result<Accepted>> accept(const base::RequestContext& context, NewDocument document,
                                                 std::optional<IdempotencyEntry> once) override;
  base::Awaitable<base::Result<Document>> get(const base::RequestContext& context, DocumentId id) override;
  base::Awaitable<base::Result<Page<Document>>> list(const base::RequestContext& context, DocumentQuery query,
                                                     PageRequest page) override;
  base::Awaitable<base::Result<void>> remove(const base::RequestContext& context, DocumentId id) override;
  base::Awaitable<base::Result<Document>> retry(const base::RequestContext& context, DocumentId id) override;
  base::Awaitable<base::Result<Document>> cancel(const base::RequestContext& context, DocumentId id) override;
  base::Awaitable<base::Result<std::vector<VisibleDocument>>> visible(const base::RequestContext& context,
                                                                      CollectionKey collection,
                                                                      std::vector<DocumentId> ids) override;
  base::Awaitable<base::Result<std::vector<CollectionKey>>> collections(
      const base::RequestContext& context) override;
  base::Awaitable<base::Result<std::vector<IngestJob>>> claim(const base::RequestContext& context,
                                                              std::uint32_t count,
                                                              std::chrono::seconds lease) override;
  base::Awaitable<base::Result<void>> progress(const base::RequestContext& context, const IngestJob& job,
                                               Progress progress, std::chrono::seconds lease) override;
  base::Awaitable<base::Result<Document>> publish(const base::RequestContext& context, const IngestJob& job,
                                                  std::uint32_t chunk_count, std::uint64_t token_count,
                                                  std::string title) override;
  base::Awaitable<base::Result<void>> fail(const base::RequestContext& context, const IngestJob& job,
                                           std::string reason) override;
  base::Awaitable<base::Result<std::vector<Garbage>>> garbage(const base::RequestContext& context,
                                                              std::uint32_t limit) override;
  base::Awaitable<base::Result<void>> collected(const base::RequestContext& context,
                                                const Garbage& garbage) override;

  /// Which of these blobs are some document's original, or are garbage that is still listed: the others are
  /// orphans of uploads that a crash cut off. Blocks.
  base::Result<std::vector<std::string>> referenced_originals(const base::TenantId& tenant);

 private:
  void forget_after_commit(Connection& db, const base::TenantId& tenant, const DocumentId& id);

  Database& db_;
  const base::Clock& clock_;
  VisibleCache visible_;
};

}  // namespace caprock::stores
