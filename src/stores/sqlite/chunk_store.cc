#include "stores/sqlite/chunk_store.h"

#include <charconv>

#include "stores/sqlite/codec.h"
#include "stores/sqlite/cursor.h"

namespace caprock::stores {
namespace {

using base::Result;

// A chunk that is put again (a resumed ingest) is the same chunk.
constexpr std::string_view kPut =
    "INSERT OR REPLACE INTO chunks (tenant, collection, document, version, chunk_index, start, finish, "
    "tokens, content, "
    "context, section, page, boxes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

#define CAPROCK_CHUNK_COLUMNS "chunk_index, start, finish, tokens, content, context, section, page, boxes"

constexpr std::string_view kGet =
    "SELECT " CAPROCK_CHUNK_COLUMNS
    " FROM chunks WHERE tenant = ? AND collection = ? AND document = ? AND version = ? AND chunk_index = ?";
constexpr std::string_view kList =
    "SELECT " CAPROCK_CHUNK_COLUMNS
    " FROM chunks WHERE tenant = ? AND collection = ? AND document = ? AND version = ? "
    "AND chunk_index >= ? ORDER BY chunk_index LIMIT ?";

Chunk read_chunk(const Statement& row) {
  Chunk chunk;
  chunk.index = static_cast<std::uint32_t>(row.integer(0));
  chunk.span = {static_cast<std::uint32_t>(row.integer(1)), static_cast<std::uint32_t>(row.integer(2))};
  chunk.token_count = static_cast<std::uint32_t>(row.integer(3));
  chunk.content = row.string(4);
  chunk.context = row.string(5);
  chunk.section = row.string(6);
  if (!row.is_null(7)) chunk.page = static_cast<std::uint32_t>(row.integer(7));
  chunk.boxes = decode_boxes(row.blob(8));
  return chunk;
}

Result<void> put_all(Connection& db, const CollectionKey& collection,
                     const std::vector<ChunkRecord>& records) {
  CAPROCK_TRY(Statement put, db.prepare(kPut));
  for (const ChunkRecord& record : records) {
    const Chunk& chunk = record.chunk;
    const std::string boxes = encode_boxes(chunk.boxes);
    put.reset();
    put.bind(collection.tenant.str(), collection.collection, record.key.document.str(), record.key.version,
             record.key.index, chunk.span.start, chunk.span.end, chunk.token_count, chunk.content,
             chunk.context, chunk.section, chunk.page, as_bytes(boxes));
    CAPROCK_CHECK(put.run());
  }
  return {};
}

Result<std::vector<ChunkRecord>> get_all(Connection& db, const CollectionKey& collection,
                                         const std::vector<ChunkKey>& keys) {
  CAPROCK_TRY(Statement get, db.prepare(kGet));
  std::vector<ChunkRecord> records;
  records.reserve(keys.size());
  for (const ChunkKey& key : keys) {
    get.reset();
    get.bind(collection.tenant.str(), collection.collection, key.document.str(), key.version, key.index);
    CAPROCK_TRY(const bool row, get.step());
    if (row) records.push_back({key, read_chunk(get)});
  }
  return records;
}

Result<std::uint32_t> first_index(std::string_view cursor) {
  CAPROCK_TRY(const std::string position, read_cursor('k', cursor, "0"));
  std::uint32_t index = 0;
  const auto [end, bad] = std::from_chars(position.data(), position.data() + position.size(), index);
  if (bad != std::errc{} || end != position.data() + position.size())
    return base::failure(base::invalid_argument("cursor", "cursor is not a next_cursor of this listing"));
  return index;
}

}  // namespace

base::Awaitable<Result<void>> SqliteChunkStore::put(const base::RequestContext& context,
                                                    CollectionKey collection,
                                                    std::vector<ChunkRecord> chunks) {
  auto work = [&](Connection& db) { return put_all(db, collection, chunks); };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<std::vector<ChunkRecord>>> SqliteChunkStore::get(const base::RequestContext& context,
                                                                        CollectionKey collection,
                                                                        std::vector<ChunkKey> keys) {
  auto work = [&](Connection& db) { return get_all(db, collection, keys); };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<Page<Chunk>>> SqliteChunkStore::list(const base::RequestContext& context,
                                                            CollectionKey collection, DocumentId document,
                                                            std::uint32_t version, PageRequest page) {
  CAPROCK_CO_TRY(const std::uint32_t first, first_index(page.cursor));
  const std::uint32_t limit = page_limit(page);
  auto work = [&](Connection& db) -> Result<Page<Chunk>> {
    CAPROCK_TRY(Statement rows, db.prepare(kList));
    rows.bind(collection.tenant.str(), collection.collection, document.str(), version, first, limit + 1);
    Page<Chunk> chunks;
    while (true) {
      CAPROCK_TRY(const bool row, rows.step());
      if (!row) return chunks;
      if (chunks.items.size() == limit) break;
      chunks.items.push_back(read_chunk(rows));
    }
    chunks.next_cursor = make_cursor('k', std::to_string(rows.integer(0)));
    return chunks;
  };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<void>> SqliteChunkStore::remove(const base::RequestContext& context,
                                                       CollectionKey collection, DocumentId document,
                                                       std::uint32_t version) {
  auto work = [&](Connection& db) {
    return db.execute(
        "DELETE FROM chunks WHERE tenant = ? AND collection = ? AND document = ? AND version = ?",
        collection.tenant.str(), collection.collection, document.str(), version);
  };
  co_return co_await db_.write(context, std::move(work));
}

}  // namespace caprock::stores
