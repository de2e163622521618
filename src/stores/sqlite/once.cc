#include "stores/sqlite/once.h"

#include "stores/sqlite/codec.h"

namespace caprock::stores {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

constexpr std::chrono::hours kKept{24};

Error other_body() {
  return Error(ErrorKind::kUnprocessable,
               "this Idempotency-Key was used with another request body; use a new key")
      .with_field("Idempotency-Key");
}

}  // namespace

Result<std::optional<Outcome>> find_outcome(Connection& db, const base::TenantId& tenant,
                                            const IdempotencyEntry& entry, base::WallTime now) {
  CAPROCK_TRY(Statement row, db.prepare("SELECT body_sha256, resource, number FROM idempotency "
                                        "WHERE tenant = ? AND route = ? AND key = ? AND expires_at > ?"));
  CAPROCK_TRY(const bool found, row.bind(tenant.str(), entry.route, entry.key, encode_time(now)).step());
  if (!found) return std::nullopt;
  if (row.text(0) != entry.body_sha256) return failure(other_body());
  return Outcome{row.string(1), row.integer(2)};
}

Result<void> keep_outcome(Connection& db, const base::TenantId& tenant, const IdempotencyEntry& entry,
                          const Outcome& outcome, base::WallTime now) {
  CAPROCK_CHECK(db.execute("DELETE FROM idempotency WHERE expires_at <= ?", encode_time(now)));
  return db.execute(
      "INSERT OR REPLACE INTO idempotency (tenant, route, key, body_sha256, resource, number, expires_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      tenant.str(), entry.route, entry.key, entry.body_sha256, outcome.resource, outcome.number,
      encode_time(now + kKept));
}

}  // namespace caprock::stores
