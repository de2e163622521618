#include "stores/text/embedded/log_tables.h"

namespace caprock::stores::text {

const char* const kTextTables = R"sql(
CREATE TABLE text_collections(
  id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, collection TEXT NOT NULL, UNIQUE(tenant, collection)) STRICT;
CREATE TABLE text_log(sequence INTEGER PRIMARY KEY, collection INTEGER NOT NULL, document BLOB NOT NULL) STRICT;
CREATE INDEX text_log_by_collection ON text_log(collection);
CREATE TABLE text_segments(id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, level INTEGER NOT NULL) STRICT;
CREATE TABLE text_tombstones(
  collection INTEGER NOT NULL, document TEXT NOT NULL, version INTEGER NOT NULL, sequence INTEGER NOT NULL,
  PRIMARY KEY(collection, document, version)) STRICT, WITHOUT ROWID;
)sql";

base::Result<std::optional<std::int64_t>> find_collection(Connection& db, const CollectionKey& key) {
  CAPROCK_TRY(Statement row,
              db.prepare("SELECT id FROM text_collections WHERE tenant = ? AND collection = ?"));
  CAPROCK_TRY(const bool found, row.bind(key.tenant.str(), key.collection).step());
  if (!found) return std::optional<std::int64_t>();
  return std::optional(row.integer(0));
}

base::Result<std::int64_t> make_collection(Connection& db, const CollectionKey& key) {
  CAPROCK_CHECK(db.execute("INSERT OR IGNORE INTO text_collections(tenant, collection) VALUES(?, ?)",
                           key.tenant.str(), key.collection));
  CAPROCK_TRY(const auto id, find_collection(db, key));
  return id.value_or(0);
}

base::Result<std::uint64_t> last_sequence(Connection& db) {
  CAPROCK_TRY(const std::int64_t last,
              db.integer("SELECT max(ifnull((SELECT max(sequence) FROM text_log), 0), "
                         "ifnull((SELECT max(id) FROM text_segments), 0), "
                         "ifnull((SELECT max(sequence) FROM text_tombstones), 0))",
                         0));
  return static_cast<std::uint64_t>(last);
}

base::Result<std::vector<SegmentRow>> segments_of(Connection& db, std::int64_t collection) {
  CAPROCK_TRY(Statement row,
              db.prepare("SELECT id, level FROM text_segments WHERE collection = ? ORDER BY id"));
  row.bind(collection);
  std::vector<SegmentRow> segments;
  while (true) {
    CAPROCK_TRY(const bool more, row.step());
    if (!more) return segments;
    segments.push_back(
        {static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint32_t>(row.integer(1))});
  }
}

base::Result<std::vector<std::uint64_t>> all_segments(Connection& db) {
  CAPROCK_TRY(Statement row, db.prepare("SELECT id FROM text_segments"));
  std::vector<std::uint64_t> ids;
  while (true) {
    CAPROCK_TRY(const bool more, row.step());
    if (!more) return ids;
    ids.push_back(static_cast<std::uint64_t>(row.integer(0)));
  }
}

base::Result<std::vector<CollectionKey>> all_collections(Connection& db) {
  CAPROCK_TRY(Statement row, db.prepare("SELECT tenant, collection FROM text_collections"));
  std::vector<CollectionKey> keys;
  while (true) {
    CAPROCK_TRY(const bool more, row.step());
    if (!more) return keys;
    keys.push_back({base::TenantId(row.string(0)), row.string(1)});
  }
}

base::Result<std::vector<TombstoneRow>> tombstones_of(Connection& db, std::int64_t collection) {
  CAPROCK_TRY(Statement row,
              db.prepare("SELECT document, version, sequence FROM text_tombstones WHERE collection = ?"));
  row.bind(collection);
  std::vector<TombstoneRow> rows;
  while (true) {
    CAPROCK_TRY(const bool more, row.step());
    if (!more) return rows;
    rows.push_back({row.string(0), static_cast<std::uint32_t>(row.integer(1)),
                    static_cast<std::uint64_t>(row.integer(2))});
  }
}

base::Result<void> read_log(Connection& db, std::int64_t collection,
                            const std::function<base::Result<void>(std::uint64_t, std::string_view)>& each) {
  CAPROCK_TRY(Statement row,
              db.prepare("SELECT sequence, document FROM text_log WHERE collection = ? ORDER BY sequence"));
  row.bind(collection);
  while (true) {
    CAPROCK_TRY(const bool more, row.step());
    if (!more) return {};
    const auto bytes = row.blob(1);
    CAPROCK_CHECK(each(static_cast<std::uint64_t>(row.integer(0)),
                       {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }
}

base::Result<void> append_log(Connection& db, std::int64_t collection, std::uint64_t sequence,
                              std::string_view bytes) {
  return db.execute("INSERT INTO text_log(sequence, collection, document) VALUES(?, ?, ?)", sequence,
                    collection, std::as_bytes(std::span(bytes)));
}

base::Result<void> put_tombstone(Connection& db, std::int64_t collection, const TombstoneRow& row) {
  return db.execute(
      "INSERT INTO text_tombstones(collection, document, version, sequence) VALUES(?, ?, ?, ?) "
      "ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)",
      collection, row.document, row.version, row.sequence);
}

base::Result<void> drop_tombstones(Connection& db, std::int64_t collection,
                                   std::span<const TombstoneRow> rows) {
  for (const TombstoneRow& row : rows)
    CAPROCK_CHECK(db.execute(
        "DELETE FROM text_tombstones WHERE collection = ? AND document = ? AND version = ? AND sequence <= ?",
        collection, row.document, row.version, row.sequence));
  return {};
}

base::Result<void> replace_by_segment(Connection& db, std::int64_t collection,
                                      std::optional<SegmentRow> segment,
                                      std::span<const std::uint64_t> log_rows,
                                      std::span<const std::uint64_t> segments) {
  if (segment)
    CAPROCK_CHECK(db.execute("INSERT INTO text_segments(id, collection, level) VALUES(?, ?, ?)", segment->id,
                             collection, segment->level));
  for (const std::uint64_t sequence : log_rows)
    CAPROCK_CHECK(db.execute("DELETE FROM text_log WHERE sequence = ?", sequence));
  for (const std::uint64_t id : segments)
    CAPROCK_CHECK(db.execute("DELETE FROM text_segments WHERE id = ?", id));
  return {};
}

}  // namespace caprock::stores::text
