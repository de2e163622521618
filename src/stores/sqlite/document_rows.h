#pragma once

#include <optional>

#include "stores/document_store.h"
#include "stores/sqlite/connection.h"

namespace caprock::stores {

// The columns of `documents` that make a Document, in the order that read_document expects. Literal, because
// every statement's text is a constant.
#define CAPROCK_DOCUMENT_COLUMNS                                                                        \
  "id, collection, source, title, content_type, status, error, version, pending_version, chunk_count, " \
  "token_count, "                                                                                       \
  "size_bytes, sha256, original_key, metadata, created_at, updated_at, indexed_at, bytes_parsed, "      \
  "chunks_embedded, "                                                                                   \
  "chunks_total, tenant"

base::Result<Document> read_document(const Statement& row);
/// kNotFound names the id.
base::Result<Document> load_document(Connection& db, const base::TenantId& tenant, const DocumentId& id);

/// A version that is being ingested or has failed.
struct Candidate {
  std::int64_t seq = 0;
  std::uint32_t version = 0;
  bool failed = false;
  std::string title;
  std::string content_type;
  std::string sha256;
  std::string original_key;
  std::uint64_t size_bytes = 0;
  std::string metadata;  ///< encoded
  std::uint32_t attempt = 0;
};
base::Result<std::optional<Candidate>> find_candidate(Connection& db, const base::TenantId& tenant,
                                                      const DocumentId& id);

/// Lists the index content of a version as garbage. `original_key` empty: its original is still needed.
base::Result<void> add_garbage(Connection& db, const Document& document, std::uint32_t version,
                               std::string_view original_key);

}  // namespace caprock::stores
