#include "stores/sqlite/document_rows.h"

#include "stores/sqlite/codec.h"

namespace caprock::stores {

using base::failure;
using base::Result;

Result<Document> read_document(const Statement& row) {
  Document d;
  d.id = DocumentId(row.string(0));
  d.collection = {base::TenantId(row.string(21)), row.string(1)};
  d.source = row.string(2);
  d.title = row.string(3);
  d.content_type = row.string(4);
  d.status = static_cast<DocumentStatus>(row.integer(5));
  d.error = row.string(6);
  d.version = static_cast<std::uint32_t>(row.integer(7));
  d.pending_version = static_cast<std::uint32_t>(row.integer(8));
  d.chunk_count = static_cast<std::uint32_t>(row.integer(9));
  d.token_count = static_cast<std::uint64_t>(row.integer(10));
  d.size_bytes = static_cast<std::uint64_t>(row.integer(11));
  d.content_sha256 = row.string(12);
  d.original_key = row.string(13);
  CAPROCK_TRY(d.metadata, decode_metadata(row.text(14)));
  d.created_at = decode_time(row.integer(15));
  d.updated_at = decode_time(row.integer(16));
  if (!row.is_null(17)) d.indexed_at = decode_time(row.integer(17));
  d.bytes_parsed = static_cast<std::uint64_t>(row.integer(18));
  d.chunks_embedded = static_cast<std::uint32_t>(row.integer(19));
  d.chunks_total = static_cast<std::uint32_t>(row.integer(20));
  return d;
}

Result<Document> load_document(Connection& db, const base::TenantId& tenant, const DocumentId& id) {
  CAPROCK_TRY(Statement row,
              db.prepare("SELECT " CAPROCK_DOCUMENT_COLUMNS " FROM documents WHERE tenant = ? AND id = ?"));
  CAPROCK_TRY(const bool found, row.bind(tenant.str(), id.str()).step());
  if (!found) return failure(base::not_found("there is no document " + id.str()));
  return read_document(row);
}

Result<std::optional<Candidate>> find_candidate(Connection& db, const base::TenantId& tenant,
                                                const DocumentId& id) {
  CAPROCK_TRY(Statement row,
              db.prepare("SELECT seq, version, state, title, content_type, sha256, original_key, "
                         "size_bytes, metadata, attempt FROM candidates WHERE tenant = ? AND document = ?"));
  CAPROCK_TRY(const bool found, row.bind(tenant.str(), id.str()).step());
  if (!found) return std::nullopt;
  return Candidate{.seq = row.integer(0),
                   .version = static_cast<std::uint32_t>(row.integer(1)),
                   .failed = row.integer(2) == 1,
                   .title = row.string(3),
                   .content_type = row.string(4),
                   .sha256 = row.string(5),
                   .original_key = row.string(6),
                   .size_bytes = static_cast<std::uint64_t>(row.integer(7)),
                   .metadata = row.string(8),
                   .attempt = static_cast<std::uint32_t>(row.integer(9))};
}

Result<void> add_garbage(Connection& db, const Document& document, std::uint32_t version,
                         std::string_view original_key) {
  // A failed version is garbage at once, and its original later, when the document goes.
  return db.execute(
      "INSERT INTO garbage (tenant, document, collection, version, original_key) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (tenant, document, version) DO UPDATE SET original_key = excluded.original_key",
      document.collection.tenant.str(), document.id.str(), document.collection.collection, version,
      original_key);
}

}  // namespace caprock::stores
