#pragma once

#include <filesystem>
#include <memory>

#include "base/blocking_pool.h"
#include "stores/blob/fs/fs_blob_store.h"
#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/conversation_store.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/key_store.h"
#include "stores/text/embedded/text_index.h"
#include "stores/vector/embedded/embedded_vector_index.h"

namespace caprock::app {

/// Every store over one data folder: `caprock.db`, `blobs/`, `text/`, `vectors/`. Opening brings the schema
/// up to date and frees what a crashed process held.
class EmbeddedStores {
 public:
  /// Blocks. kConflict for the schema of a newer program, and the errors of the stores.
  static base::Result<std::unique_ptr<EmbeddedStores>> open(const std::filesystem::path& folder,
                                                            const stores::DatabaseSettings& database,
                                                            const stores::VectorSettings& vectors,
                                                            base::BlockingPool& pool);

  /// What may happen after the start: vectors into memory, uploads that a crash cut off out of the folder.
  /// Blocks.
  base::Result<void> settle();

 private:
  EmbeddedStores() = default;

 public:
  // In order of dependency: what comes later uses what stands above it, and goes first.
  std::unique_ptr<stores::Database> database;
  std::unique_ptr<stores::FsBlobStore> blobs;
  std::unique_ptr<stores::SqliteDocumentStore> documents;
  std::unique_ptr<stores::SqliteChunkStore> chunks;
  std::unique_ptr<stores::SqliteConversationStore> conversations;
  std::unique_ptr<stores::SqliteKeyStore> keys;
  std::unique_ptr<stores::EmbeddedTextIndex> text;
  std::unique_ptr<stores::EmbeddedVectorIndex> vectors;
};

}  // namespace caprock::app
