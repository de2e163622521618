#include "stores/sqlite/schema.h"

namespace caprock::stores {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

Error too_new(const SchemaPart& part, std::int64_t stored, const std::string& where) {
  return {ErrorKind::kConflict, "the data in " + where + " was written by a newer Caprock: its tables '" +
                                    part.name + "' have schema " + std::to_string(stored) +
                                    ", this program knows up to " + std::to_string(part.steps.size()) +
                                    ". Start the newer program, or choose another folder with --data"};
}

Result<void> migrate_part(Connection& db, const SchemaPart& part, const std::string& where) {
  CAPROCK_TRY(const std::int64_t stored,
              db.integer("SELECT version FROM schema_versions WHERE part = ?", 0, part.name));
  const auto known = static_cast<std::int64_t>(part.steps.size());
  if (stored > known) return failure(too_new(part, stored, where));
  if (stored == known) return {};
  for (std::int64_t version = stored; version < known; ++version) {
    CAPROCK_CHECK(db.run_script(part.steps[static_cast<std::size_t>(version)]));
  }
  return db.execute(
      "INSERT INTO schema_versions (part, version) VALUES (?, ?) "
      "ON CONFLICT (part) DO UPDATE SET version = excluded.version",
      part.name, known);
}

Result<void> migrate_all(Connection& db, const std::vector<SchemaPart>& parts, const std::string& where) {
  CAPROCK_CHECK(
      db.run_script("CREATE TABLE IF NOT EXISTS schema_versions (part TEXT PRIMARY KEY, version INTEGER NOT "
                    "NULL) STRICT, WITHOUT ROWID"));
  for (const SchemaPart& part : parts) CAPROCK_CHECK(migrate_part(db, part, where));
  return {};
}

}  // namespace

Result<void> migrate(Connection& db, const std::vector<SchemaPart>& parts, const std::string& where) {
  CAPROCK_CHECK(db.run_script("BEGIN IMMEDIATE"));
  if (Result<void> done = migrate_all(db, parts, where); !done) {
    if (db.in_transaction()) (void)db.run_script("ROLLBACK");
    return done;
  }
  return db.run_script("COMMIT");
}

}  // namespace caprock::stores
