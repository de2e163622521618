#include "stores/sqlite/document_store.h"

#include "stores/sqlite/codec.h"
#include "stores/sqlite/cursor.h"
#include "stores/sqlite/document_rows.h"

namespace caprock::stores {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

Error wrong_state(const Document& document, std::string_view wanted) {
  constexpr std::array<std::string_view, 4> kNames{"PENDING", "PROCESSING", "INDEXED", "FAILED"};
  return {ErrorKind::kConflict, "document " + document.id.str() + " is " +
                                    std::string(kNames.at(static_cast<std::size_t>(document.status))) +
                                    ", not " + std::string(wanted)};
}

// Newest first: ids are UUIDs of version 7, which sort by time. An absent condition is NULL.
constexpr std::string_view kList =
    "SELECT " CAPROCK_DOCUMENT_COLUMNS " FROM documents WHERE tenant = ? AND id < ? ORDER BY id DESC LIMIT ?";
constexpr std::string_view kListByStatus =
    "SELECT " CAPROCK_DOCUMENT_COLUMNS
    " FROM documents WHERE tenant = ? AND id < ? AND status = ?4 ORDER BY id DESC LIMIT ?3";
constexpr std::string_view kListByCollection =
    "SELECT " CAPROCK_DOCUMENT_COLUMNS
    " FROM documents WHERE tenant = ? AND id < ? AND collection = ?5 ORDER BY id DESC LIMIT ?3";
constexpr std::string_view kListByBoth = "SELECT " CAPROCK_DOCUMENT_COLUMNS
                                         " FROM documents WHERE tenant = ? AND id < ? AND status = ?4 AND "
                                         "collection = ?5 ORDER BY id DESC LIMIT ?3";

std::string_view list_sql(const DocumentQuery& query) {
  if (query.status && query.collection) return kListByBoth;
  if (query.status) return kListByStatus;
  return query.collection ? kListByCollection : kList;
}

Result<Page<Document>> list_page(Connection& db, const base::TenantId& tenant, const DocumentQuery& query,
                                 std::uint32_t limit, const std::string& before) {
  CAPROCK_TRY(Statement rows, db.prepare(list_sql(query)));
  rows.bind(tenant.str(), before, limit + 1);
  if (query.status) rows.bind_at(4, *query.status);
  if (query.collection) rows.bind_at(5, *query.collection);
  Page<Document> page;
  while (true) {
    CAPROCK_TRY(const bool row, rows.step());
    if (!row) return page;
    if (page.items.size() == limit) break;
    CAPROCK_TRY(Document document, read_document(rows));
    page.items.push_back(std::move(document));
  }
  page.next_cursor = make_cursor('d', page.items.back().id.str());
  return page;
}

Result<VisibleCache::Found> read_visible(Connection& db, const base::TenantId& tenant, const DocumentId& id) {
  CAPROCK_TRY(Statement row, db.prepare("SELECT version, title, source, metadata, collection FROM documents "
                                        "WHERE tenant = ? AND id = ?"));
  CAPROCK_TRY(const bool found, row.bind(tenant.str(), id.str()).step());
  auto entry = std::make_shared<VisibleCache::Entry>();
  entry->document.id = id;
  if (!found) return entry;
  CAPROCK_TRY(Metadata metadata, decode_metadata(row.text(3)));
  entry->collection = row.string(4);
  entry->document.version = static_cast<std::uint32_t>(row.integer(0));
  entry->document.title = row.string(1);
  entry->document.source = row.string(2);
  entry->document.metadata = std::make_shared<const Metadata>(std::move(metadata));
  return entry;
}

}  // namespace

void SqliteDocumentStore::forget_after_commit(Connection& db, const base::TenantId& tenant,
                                              const DocumentId& id) {
  db.after_commit([this, tenant, id] { visible_.forget(tenant, id); });
}

base::Awaitable<Result<Document>> SqliteDocumentStore::get(const base::RequestContext& context,
                                                           DocumentId id) {
  auto work = [&](Connection& db) { return load_document(db, context.principal.tenant, id); };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<Page<Document>>> SqliteDocumentStore::list(const base::RequestContext& context,
                                                                  DocumentQuery query, PageRequest page) {
  CAPROCK_CO_TRY(std::string before, read_cursor('d', page.cursor, "g"));  // "g" sorts after every UUID
  const std::uint32_t limit = page_limit(page);
  auto work = [&](Connection& db) { return list_page(db, context.principal.tenant, query, limit, before); };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<void>> SqliteDocumentStore::remove(const base::RequestContext& context,
                                                          DocumentId id) {
  auto work = [&](Connection& db) -> Result<void> {
    const base::TenantId& tenant = context.principal.tenant;
    CAPROCK_TRY(const Document document, load_document(db, tenant, id));
    CAPROCK_TRY(const auto candidate, find_candidate(db, tenant, id));
    if (document.version > 0)
      CAPROCK_CHECK(add_garbage(db, document, document.version, document.original_key));
    if (candidate) CAPROCK_CHECK(add_garbage(db, document, candidate->version, candidate->original_key));
    CAPROCK_CHECK(
        db.execute("DELETE FROM candidates WHERE tenant = ? AND document = ?", tenant.str(), id.str()));
    CAPROCK_CHECK(db.execute("DELETE FROM documents WHERE tenant = ? AND id = ?", tenant.str(), id.str()));
    forget_after_commit(db, tenant, id);
    return {};
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<Document>> SqliteDocumentStore::retry(const base::RequestContext& context,
                                                             DocumentId id) {
  auto work = [&](Connection& db) -> Result<Document> {
    const base::TenantId& tenant = context.principal.tenant;
    CAPROCK_TRY(const Document document, load_document(db, tenant, id));
    if (document.status != DocumentStatus::kFailed) return failure(wrong_state(document, "FAILED"));
    // The failed version's content is being removed: the new attempt is a version of its own.
    CAPROCK_CHECK(
        db.execute("UPDATE documents SET status = ?, error = '', last_version = last_version + 1, "
                   "pending_version = last_version + 1, updated_at = ?, bytes_parsed = 0, "
                   "chunks_embedded = 0, chunks_total = 0 WHERE tenant = ? AND id = ?",
                   DocumentStatus::kPending, encode_time(clock_.wall()), tenant.str(), id.str()));
    CAPROCK_CHECK(
        db.execute("UPDATE candidates SET state = 0, attempt = 0, leased_until = 0, version = "
                   "(SELECT last_version FROM documents WHERE tenant = ?1 AND id = ?2) "
                   "WHERE tenant = ?1 AND document = ?2",
                   tenant.str(), id.str()));
    return load_document(db, tenant, id);
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<Document>> SqliteDocumentStore::cancel(const base::RequestContext& context,
                                                              DocumentId id) {
  auto work = [&](Connection& db) -> Result<Document> {
    const base::TenantId& tenant = context.principal.tenant;
    CAPROCK_TRY(const Document document, load_document(db, tenant, id));
    CAPROCK_TRY(const auto candidate, find_candidate(db, tenant, id));
    if (!candidate || candidate->failed) return failure(wrong_state(document, "PENDING or PROCESSING"));
    const bool first = document.version == 0;
    CAPROCK_CHECK(add_garbage(db, document, candidate->version, first ? "" : candidate->original_key));
    CAPROCK_CHECK(db.execute(first ? "UPDATE candidates SET state = 1, leased_until = 0 WHERE seq = ?"
                                   : "DELETE FROM candidates WHERE seq = ?",
                             candidate->seq));
    CAPROCK_CHECK(
        db.execute("UPDATE documents SET status = ?, error = ?, pending_version = 0, updated_at = ? "
                   "WHERE tenant = ? AND id = ?",
                   first ? DocumentStatus::kFailed : DocumentStatus::kIndexed, first ? "cancelled" : "",
                   encode_time(clock_.wall()), tenant.str(), id.str()));
    return load_document(db, tenant, id);
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<std::vector<VisibleDocument>>> SqliteDocumentStore::visible(
    const base::RequestContext& context, CollectionKey collection, std::vector<DocumentId> ids) {
  const base::TenantId& tenant = context.principal.tenant;
  std::vector<VisibleCache::Found> found(ids.size());
  std::vector<std::pair<std::size_t, std::uint64_t>> missing;  // position, generation before the read
  for (std::size_t i = 0; i < ids.size(); ++i) {
    found[i] = visible_.find(tenant, ids[i]);
    if (!found[i]) missing.emplace_back(i, visible_.generation(tenant, ids[i]));
  }
  if (!missing.empty()) {
    auto work = [&](Connection& db) -> Result<void> {
      for (const auto& [i, generation] : missing) {
        CAPROCK_TRY(found[i], read_visible(db, tenant, ids[i]));
        visible_.put(tenant, ids[i], found[i], generation);
      }
      return {};
    };
    CAPROCK_CO_CHECK(co_await db_.read(context, std::move(work)));
  }
  std::vector<VisibleDocument> documents;
  documents.reserve(ids.size());
  for (const VisibleCache::Found& entry : found)
    if (entry->document.version > 0 && entry->collection == collection.collection)
      documents.push_back(entry->document);
  co_return documents;
}

base::Awaitable<Result<std::vector<CollectionKey>>> SqliteDocumentStore::collections(
    const base::RequestContext& context) {
  auto work = [](Connection& db) -> Result<std::vector<CollectionKey>> {
    CAPROCK_TRY(Statement rows, db.prepare("SELECT DISTINCT tenant, collection FROM documents"));
    std::vector<CollectionKey> collections;
    while (true) {
      CAPROCK_TRY(const bool row, rows.step());
      if (!row) return collections;
      collections.push_back({base::TenantId(rows.string(0)), rows.string(1)});
    }
  };
  co_return co_await db_.read(context, std::move(work));
}

Result<std::vector<std::string>> SqliteDocumentStore::referenced_originals(const base::TenantId& tenant) {
  return db_.read_blocking([&](Connection& db) -> Result<std::vector<std::string>> {
    CAPROCK_TRY(Statement rows, db.prepare("SELECT original_key FROM documents WHERE tenant = ?1 UNION "
                                           "SELECT original_key FROM candidates WHERE tenant = ?1 UNION "
                                           "SELECT original_key FROM garbage WHERE tenant = ?1"));
    rows.bind(tenant.str());
    std::vector<std::string> keys;
    while (true) {
      CAPROCK_TRY(const bool row, rows.step());
      if (!row) return keys;
      keys.push_back(rows.string(0));
    }
  });
}

}  // namespace caprock::stores
