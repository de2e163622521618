#include "stores/blob/fs/fs_blob_store.h"

#include <algorithm>

#include "base/trace.h"
#include "stores/blob/fs/file_io.h"

namespace caprock::stores {
namespace {

using base::failure;
using base::Result;
namespace fs = std::filesystem;

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

bool is_segment(std::string_view segment) {
  // The length is that of a file name.
  return !segment.empty() && segment.size() <= 255 && segment.front() != '.' &&
         std::ranges::all_of(segment, is_allowed);
}

std::string_view tenant_of(std::string_view key) { return key.substr(0, key.find('/')); }

Result<std::int64_t> delete_row(Connection& db, const std::string& key) {
  CAPROCK_CHECK(db.execute("DELETE FROM blobs WHERE tenant = ? AND key = ?", tenant_of(key), key));
  return db.changes();
}

}  // namespace

Result<void> check_blob_key(std::string_view key) {
  std::size_t segments = 0;
  for (std::size_t start = 0; start <= key.size(); ++segments) {
    const std::size_t end = std::min(key.find('/', start), key.size());
    if (!is_segment(key.substr(start, end - start)))
      return failure(base::invalid_argument("key", "'" + std::string(key) + "' is not a blob key"));
    start = end + 1;
  }
  if (segments < 2) return failure(base::invalid_argument("key", "a blob key begins with its tenant"));
  return {};
}

FsBlobStore::FsBlobStore(fs::path folder, Database& db, base::BlockingPool& pool, std::int64_t last_row)
    : folder_(std::move(folder)),
      scratch_(folder_ / ".unfinished"),
      db_(db),
      pool_(pool),
      last_row_(last_row),
      opened_(fs::file_time_type::clock::now()) {}

Result<std::unique_ptr<FsBlobStore>> FsBlobStore::open(fs::path folder, Database& db,
                                                       base::BlockingPool& pool) {
  CAPROCK_TRY(const std::int64_t last_row,
              db.read_blocking([](Connection& c) { return c.integer("SELECT max(no) FROM blobs", 0); }));
  std::unique_ptr<FsBlobStore> store(new FsBlobStore(std::move(folder), db, pool, last_row));
  std::error_code ignored;  // what cannot be removed is found the next time
  fs::remove_all(store->scratch_, ignored);
  CAPROCK_CHECK(make_folder(store->scratch_));
  return store;
}

base::Awaitable<Result<void>> FsBlobStore::put(const base::RequestContext& context, std::string key,
                                               std::string bytes) {
  CAPROCK_CO_CHECK(check_blob_key(key));
  if (bytes.size() <= kSmall) co_return co_await put_row(context, key, bytes);
  co_return co_await put_file(context, key, bytes);
}

base::Awaitable<Result<void>> FsBlobStore::put_row(const base::RequestContext& context,
                                                   const std::string& key, const std::string& bytes) {
  auto work = [&](Connection& db) -> Result<void> {
    CAPROCK_CHECK(
        db.execute("INSERT INTO blobs (tenant, key, bytes) VALUES (?, ?, ?) "
                   "ON CONFLICT (tenant, key) DO UPDATE SET bytes = excluded.bytes",
                   tenant_of(key), key, std::as_bytes(std::span(bytes))));
    // The larger one it replaces, if any. A file that stays is never read.
    db.after_commit([path = folder_ / key] { (void)remove_file(path); });
    return {};
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<void>> FsBlobStore::put_file(const base::RequestContext& context,
                                                    const std::string& key, const std::string& bytes) {
  auto write = [&]() -> Result<void> {
    const fs::path target = folder_ / key;
    CAPROCK_CHECK(make_folder(target.parent_path()));
    return write_durably(scratch_ / base::new_uuid(), target, bytes);
  };
  CAPROCK_CO_CHECK(co_await pool_.run(context, std::move(write)));
  // Only now does the new one count: a row of the same key takes precedence.
  auto forget = [&](Connection& db) { return delete_row(db, key); };
  Result<std::int64_t> done = co_await db_.write(context, std::move(forget));
  if (!done) co_return failure(std::move(done).error());
  co_return Result<void>();
}

base::Awaitable<Result<std::string>> FsBlobStore::get(const base::RequestContext& context, std::string key) {
  CAPROCK_CO_CHECK(check_blob_key(key));
  auto from_row = [&](Connection& db) -> Result<std::optional<std::string>> {
    CAPROCK_TRY(Statement row, db.prepare("SELECT bytes FROM blobs WHERE tenant = ? AND key = ?"));
    CAPROCK_TRY(const bool found, row.bind(tenant_of(key), key).step());
    if (!found) return std::nullopt;
    const auto bytes = row.blob(0);
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  CAPROCK_CO_TRY(auto small, co_await db_.read(context, std::move(from_row)));
  if (small) co_return std::move(*small);
  auto from_file = [&] { return read_file(folder_ / key); };
  co_return co_await pool_.run(context, std::move(from_file));
}

base::Awaitable<Result<void>> FsBlobStore::remove(const base::RequestContext& context, std::string key) {
  CAPROCK_CO_CHECK(check_blob_key(key));
  // The file first: while there is a row, nobody reads the file.
  auto from_file = [&] { return remove_file(folder_ / key); };
  CAPROCK_CO_CHECK(co_await pool_.run(context, std::move(from_file)));
  auto from_row = [&](Connection& db) { return delete_row(db, key); };
  Result<std::int64_t> done = co_await db_.write(context, std::move(from_row));
  if (!done) co_return failure(std::move(done).error());
  co_return Result<void>();
}

Result<std::size_t> FsBlobStore::remove_orphans(const std::string& prefix,
                                                const std::unordered_set<std::string>& referenced) {
  CAPROCK_TRY(const std::size_t rows, remove_orphan_rows(prefix, referenced));
  CAPROCK_TRY(const std::size_t files, remove_orphan_files(prefix, referenced));
  return rows + files;
}

Result<std::size_t> FsBlobStore::remove_orphan_rows(const std::string& prefix,
                                                    const std::unordered_set<std::string>& referenced) {
  std::vector<std::string> orphans;
  CAPROCK_CHECK(db_.read_blocking([&](Connection& db) -> Result<void> {
    CAPROCK_TRY(Statement rows,
                db.prepare("SELECT key FROM blobs WHERE tenant = ? AND key >= ? AND key < ? AND no <= ?"));
    rows.bind(tenant_of(prefix), prefix, prefix + "\x7f", last_row_);
    while (true) {
      CAPROCK_TRY(const bool row, rows.step());
      if (!row) return {};
      if (std::string key = rows.string(0); !referenced.contains(key)) orphans.push_back(std::move(key));
    }
  }));
  for (const std::string& key : orphans)
    CAPROCK_CHECK(db_.write_blocking([&](Connection& db) { return delete_row(db, key); }));
  return orphans.size();
}

Result<std::size_t> FsBlobStore::remove_orphan_files(const std::string& prefix,
                                                     const std::unordered_set<std::string>& referenced) {
  std::size_t removed = 0;
  std::error_code stopped;
  for (fs::directory_iterator entry(folder_ / prefix, stopped); !stopped && entry != fs::directory_iterator();
       entry.increment(stopped)) {
    std::error_code gone;
    const bool old = fs::last_write_time(entry->path(), gone) < opened_;
    if (gone || !old || referenced.contains(prefix + entry->path().filename().string())) continue;
    CAPROCK_CHECK(remove_file(entry->path()));
    ++removed;
  }
  return removed;
}

}  // namespace caprock::stores
