#include "stores/vector/embedded/vector_table.h"

#include "stores/sqlite/codec.h"

namespace caprock::stores {
namespace {

using base::failure;
using base::Result;

constexpr const char* kFirst = R"sql(
CREATE TABLE vector_spaces (
  space INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, collection TEXT NOT NULL, fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vector_spaces_key ON vector_spaces (tenant, collection, fingerprint);

CREATE TABLE vector_documents (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  space INTEGER NOT NULL, document TEXT NOT NULL, version INTEGER NOT NULL, metadata TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX vector_documents_key ON vector_documents (space, document, version);
CREATE INDEX vector_documents_space ON vector_documents (space);

CREATE TABLE vectors (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  document_no INTEGER NOT NULL, chunk_index INTEGER NOT NULL, vector BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX vectors_key ON vectors (document_no, chunk_index);
)sql";

Result<std::int64_t> find_or_make_document(Connection& db, std::int64_t space, const VectorRecord& record) {
  CAPROCK_TRY(const std::int64_t known,
              db.integer("SELECT no FROM vector_documents WHERE space = ? AND document = ? AND version = ?",
                         0, space, record.key.document.str(), record.key.version));
  if (known != 0) return known;
  CAPROCK_CHECK(
      db.execute("INSERT INTO vector_documents (space, document, version, metadata) VALUES (?, ?, ?, ?)",
                 space, record.key.document.str(), record.key.version,
                 record.metadata ? encode_metadata(*record.metadata) : std::string("{}")));
  return db.last_insert_rowid();
}

Result<std::vector<std::int64_t>> spaces_of(Connection& db, const CollectionKey& collection) {
  CAPROCK_TRY(Statement rows,
              db.prepare("SELECT space FROM vector_spaces WHERE tenant = ? AND collection = ?"));
  rows.bind(collection.tenant.str(), collection.collection);
  std::vector<std::int64_t> spaces;
  while (true) {
    CAPROCK_TRY(const bool row, rows.step());
    if (!row) return spaces;
    spaces.push_back(rows.integer(0));
  }
}

}  // namespace

SchemaPart vector_tables() { return {"vectors", {kFirst}}; }

Result<std::optional<SpaceRow>> find_space(Connection& db, const SpaceKey& key) {
  CAPROCK_TRY(Statement row, db.prepare("SELECT space, dimension FROM vector_spaces "
                                        "WHERE tenant = ? AND collection = ? AND fingerprint = ?"));
  row.bind(key.collection.tenant.str(), key.collection.collection, key.fingerprint);
  CAPROCK_TRY(const bool found, row.step());
  if (!found) return std::nullopt;
  return SpaceRow{row.integer(0), static_cast<std::size_t>(row.integer(1))};
}

Result<SpaceRow> find_or_make_space(Connection& db, const SpaceKey& key, std::size_t dimension) {
  CAPROCK_TRY(const auto known, find_space(db, key));
  if (known) return *known;
  CAPROCK_CHECK(
      db.execute("INSERT INTO vector_spaces (tenant, collection, fingerprint, dimension) VALUES (?, ?, ?, ?)",
                 key.collection.tenant.str(), key.collection.collection, key.fingerprint, dimension));
  return SpaceRow{db.last_insert_rowid(), dimension};
}

Result<std::vector<SpaceKey>> list_spaces(Connection& db) {
  CAPROCK_TRY(Statement rows, db.prepare("SELECT tenant, collection, fingerprint FROM vector_spaces"));
  std::vector<SpaceKey> keys;
  while (true) {
    CAPROCK_TRY(const bool row, rows.step());
    if (!row) return keys;
    keys.push_back({{base::TenantId(rows.string(0)), rows.string(1)}, rows.string(2)});
  }
}

Result<std::vector<std::int64_t>> put_vectors(Connection& db, std::int64_t space,
                                              const std::vector<VectorRecord>& records) {
  CAPROCK_TRY(
      Statement put,
      db.prepare("INSERT OR REPLACE INTO vectors (document_no, chunk_index, vector) VALUES (?, ?, ?)"));
  std::vector<std::int64_t> sequences;
  sequences.reserve(records.size());
  const VectorRecord* last = nullptr;
  std::int64_t document = 0;
  for (const VectorRecord& record : records) {
    if (last == nullptr || last->key.document != record.key.document ||
        last->key.version != record.key.version) {
      CAPROCK_TRY(document, find_or_make_document(db, space, record));
    }
    last = &record;
    put.reset();
    CAPROCK_CHECK(put.bind(document, record.key.index, std::as_bytes(std::span(record.vector))).run());
    sequences.push_back(db.last_insert_rowid());
  }
  return sequences;
}

Result<std::vector<std::int64_t>> remove_vectors(Connection& db, const CollectionKey& collection,
                                                 const DocumentId& document, std::uint32_t version) {
  CAPROCK_TRY(const auto spaces, spaces_of(db, collection));
  std::vector<std::int64_t> emptied;
  for (const std::int64_t space : spaces) {
    CAPROCK_TRY(const std::int64_t no,
                db.integer("SELECT no FROM vector_documents WHERE space = ? AND document = ? AND version = ?",
                           0, space, document.str(), version));
    if (no == 0) continue;
    CAPROCK_CHECK(db.execute("DELETE FROM vectors WHERE document_no = ?", no));
    CAPROCK_CHECK(db.execute("DELETE FROM vector_documents WHERE no = ?", no));
    CAPROCK_TRY(const std::int64_t left,
                db.integer("SELECT no FROM vector_documents WHERE space = ? LIMIT 1", 0, space));
    if (left != 0) continue;
    CAPROCK_CHECK(db.execute("DELETE FROM vector_spaces WHERE space = ?", space));
    emptied.push_back(space);
  }
  return emptied;
}

Result<void> read_space(Connection& db, std::int64_t space,
                        const std::function<void(DocumentId, std::uint32_t, const Metadata&)>& document,
                        const std::function<void(const StoredVector&)>& vector) {
  CAPROCK_TRY(
      Statement documents,
      db.prepare("SELECT no, document, version, metadata FROM vector_documents WHERE space = ? ORDER BY no"));
  CAPROCK_TRY(Statement vectors,
              db.prepare("SELECT sequence, chunk_index, vector FROM vectors WHERE document_no = ?"));
  documents.bind(space);
  while (true) {
    CAPROCK_TRY(const bool more, documents.step());
    if (!more) return {};
    CAPROCK_TRY(const Metadata metadata, decode_metadata(documents.text(3)));
    document(DocumentId(documents.string(1)), static_cast<std::uint32_t>(documents.integer(2)), metadata);
    vectors.reset();
    vectors.bind(documents.integer(0));
    while (true) {
      CAPROCK_TRY(const bool row, vectors.step());
      if (!row) break;
      vector({vectors.integer(0), static_cast<std::uint32_t>(vectors.integer(1)), vectors.blob(2)});
    }
  }
}

Result<std::int64_t> last_sequence(Connection& db) {
  return db.integer("SELECT seq FROM sqlite_sequence WHERE name = 'vectors'", 0);
}

}  // namespace caprock::stores
