#include "stores/sqlite/key_store.h"

#include <algorithm>

#include "stores/sqlite/codec.h"
#include "stores/sqlite/cursor.h"

namespace caprock::stores {
namespace {

using base::failure;
using base::Result;

#define CAPROCK_KEY_COLUMNS \
  "tenant, id, name, roles, api_key_sha256, access_key_id, sealed_secret, created_at, revoked_at"

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string join(const std::vector<std::string>& roles) {
  std::string text;
  for (const std::string& role : roles) text += (text.empty() ? "" : ",") + role;
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> roles;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    roles.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return roles;
}

Result<IssuedKey> read_key(const Statement& row) {
  IssuedKey key{.tenant = base::TenantId(row.string(0)),
                .id = row.string(1),
                .name = row.string(2),
                .roles = split(row.text(3)),
                .access_key_id = row.string(5),
                .sealed_secret = std::string(as_text(row.blob(6))),
                .created_at = decode_time(row.integer(7))};
  const std::string_view digest = as_text(row.blob(4));
  if (digest.size() != key.api_key_sha256.size())
    return failure(base::internal_error("the hash of key " + key.id + " is not 32 bytes"));
  std::ranges::copy(digest, key.api_key_sha256.begin());
  if (!row.is_null(8)) key.revoked_at = decode_time(row.integer(8));
  return key;
}

Result<IssuedKey> load(Connection& db, const std::string& tenant, const std::string& id) {
  CAPROCK_TRY(Statement row,
              db.prepare("SELECT " CAPROCK_KEY_COLUMNS " FROM issued_keys WHERE tenant = ? AND id = ?"));
  CAPROCK_TRY(const bool found, row.bind(tenant, id).step());
  if (!found) return failure(base::not_found("there is no key " + id));
  return read_key(row);
}

Result<std::vector<IssuedKey>> read_rows(Statement& rows) {
  std::vector<IssuedKey> keys;
  while (true) {
    CAPROCK_TRY(const bool row, rows.step());
    if (!row) return keys;
    CAPROCK_TRY(IssuedKey key, read_key(rows));
    keys.push_back(std::move(key));
  }
}

Result<void> insert(Connection& db, const std::string& tenant, const IssuedKey& key) {
  CAPROCK_TRY(
      const std::int64_t same,
      db.integer("SELECT count(*) FROM issued_keys WHERE (tenant = ? AND id = ?) OR access_key_id = ?", 0,
                 tenant, key.id, key.access_key_id));
  if (same > 0) return failure(base::Error(base::ErrorKind::kConflict, "this key exists already"));
  const std::string_view digest(reinterpret_cast<const char*>(key.api_key_sha256.data()),
                                key.api_key_sha256.size());
  return db.execute("INSERT INTO issued_keys (" CAPROCK_KEY_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                    tenant, key.id, key.name, join(key.roles), as_bytes(digest), key.access_key_id,
                    as_bytes(key.sealed_secret), encode_time(key.created_at));
}

}  // namespace

base::Awaitable<Result<void>> SqliteKeyStore::add(const base::RequestContext& context, IssuedKey key) {
  auto work = [&](Connection& db) { return insert(db, context.principal.tenant.str(), key); };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<IssuedKey>> SqliteKeyStore::revoke(const base::RequestContext& context, std::string id,
                                                          base::WallTime at) {
  auto work = [&](Connection& db) -> Result<IssuedKey> {
    const std::string& tenant = context.principal.tenant.str();
    CAPROCK_CHECK(
        db.execute("UPDATE issued_keys SET revoked_at = ? WHERE tenant = ? AND id = ? AND revoked_at IS NULL",
                   encode_time(at), tenant, id));
    return load(db, tenant, id);
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<Page<IssuedKey>>> SqliteKeyStore::list(const base::RequestContext& context,
                                                              PageRequest page) {
  CAPROCK_CO_TRY(const std::string after, read_cursor('k', page.cursor, ""));
  auto work = [&](Connection& db) -> Result<Page<IssuedKey>> {
    // By id, which begins with the time of the key's making.
    CAPROCK_TRY(Statement rows, db.prepare("SELECT " CAPROCK_KEY_COLUMNS
                                           " FROM issued_keys WHERE tenant = ? AND id > ? ORDER BY id "
                                           "LIMIT ?"));
    rows.bind(context.principal.tenant.str(), after, page_limit(page) + 1);
    Page<IssuedKey> found;
    CAPROCK_TRY(found.items, read_rows(rows));
    if (found.items.size() > page_limit(page)) {
      found.items.pop_back();
      found.next_cursor = make_cursor('k', found.items.back().id);
    }
    return found;
  };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<std::vector<IssuedKey>>> SqliteKeyStore::all(const base::RequestContext& context) {
  auto work = [&](Connection& db) -> Result<std::vector<IssuedKey>> {
    CAPROCK_TRY(Statement rows,
                db.prepare("SELECT " CAPROCK_KEY_COLUMNS " FROM issued_keys ORDER BY tenant, id"));
    return read_rows(rows);
  };
  co_return co_await db_.read(context, std::move(work));
}

}  // namespace caprock::stores
