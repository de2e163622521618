#include "app/root/embedded_stores.h"

#include "stores/sqlite/tables.h"
#include "stores/sqlite/usage_ledger.h"
#include "stores/vector/embedded/vector_table.h"

namespace caprock::app {

base::Result<std::unique_ptr<EmbeddedStores>> EmbeddedStores::open(const std::filesystem::path& folder,
                                                                   const stores::DatabaseSettings& database,
                                                                   const stores::VectorSettings& vectors,
                                                                   base::BlockingPool& pool) {
  std::unique_ptr<EmbeddedStores> made(new EmbeddedStores);
  CAPROCK_TRY(made->database, stores::Database::open((folder / "caprock.db").string(),
                                                     {stores::record_tables(), stores::text_index_tables(),
                                                      stores::vector_tables(), stores::usage_tables()},
                                                     database));
  stores::Database& db = *made->database;
  CAPROCK_TRY(made->blobs, stores::FsBlobStore::open(folder / "blobs", db, pool));
  made->documents = std::make_unique<stores::SqliteDocumentStore>(db);
  CAPROCK_CHECK(made->documents->release_claims());
  made->chunks = std::make_unique<stores::SqliteChunkStore>(db);
  made->conversations = std::make_unique<stores::SqliteConversationStore>(db);
  made->keys = std::make_unique<stores::SqliteKeyStore>(db);
  CAPROCK_TRY(made->text, stores::EmbeddedTextIndex::open(db, pool, folder / "text"));
  made->vectors = std::make_unique<stores::EmbeddedVectorIndex>(db, pool, folder / "vectors", vectors);
  return made;
}

base::Result<void> EmbeddedStores::settle() {
  const base::TenantId tenant("default");
  CAPROCK_TRY(const std::vector<std::string> referenced, documents->referenced_originals(tenant));
  CAPROCK_TRY([[maybe_unused]] const std::size_t removed,
              blobs->remove_orphans(tenant.str() + "/originals/", {referenced.begin(), referenced.end()}));
  return vectors->warm_up();
}

}  // namespace caprock::app
