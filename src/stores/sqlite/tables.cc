#include "stores/sqlite/tables.h"

namespace caprock::stores {
namespace {

// `documents` holds what searches see, or, before the first version is there, what is being ingested.
// `candidates` holds the version that is being ingested or has failed (state 1), with the claim of its
// worker; `seq` orders the queue.
constexpr const char* kFirst = R"sql(
CREATE TABLE documents (
  tenant TEXT NOT NULL, id TEXT NOT NULL, collection TEXT NOT NULL, source TEXT NOT NULL,
  title TEXT NOT NULL, given_title TEXT NOT NULL, content_type TEXT NOT NULL,
  status INTEGER NOT NULL, error TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 0, pending_version INTEGER NOT NULL DEFAULT 0, last_version INTEGER NOT NULL,
  chunk_count INTEGER NOT NULL DEFAULT 0, token_count INTEGER NOT NULL DEFAULT 0, size_bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL, original_key TEXT NOT NULL, metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, indexed_at INTEGER,
  bytes_parsed INTEGER NOT NULL DEFAULT 0, chunks_embedded INTEGER NOT NULL DEFAULT 0,
  chunks_total INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX documents_id ON documents (tenant, id);
CREATE UNIQUE INDEX documents_source ON documents (tenant, collection, source);
CREATE INDEX documents_collection ON documents (tenant, collection, id);
CREATE INDEX documents_status ON documents (tenant, status, id);

CREATE TABLE candidates (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, document TEXT NOT NULL, version INTEGER NOT NULL,
  title TEXT NOT NULL, content_type TEXT NOT NULL, sha256 TEXT NOT NULL, original_key TEXT NOT NULL,
  size_bytes INTEGER NOT NULL, metadata TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0, leased_until INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX candidates_document ON candidates (tenant, document);
CREATE INDEX candidates_open ON candidates (seq) WHERE state = 0;

CREATE TABLE garbage (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, document TEXT NOT NULL, collection TEXT NOT NULL, version INTEGER NOT NULL,
  original_key TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX garbage_version ON garbage (tenant, document, version);

CREATE TABLE chunks (
  no INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL, collection TEXT NOT NULL, document TEXT NOT NULL, version INTEGER NOT NULL,
  chunk_index INTEGER NOT NULL, start INTEGER NOT NULL, finish INTEGER NOT NULL, tokens INTEGER NOT NULL,
  content TEXT NOT NULL, context TEXT NOT NULL, section TEXT NOT NULL, page INTEGER, boxes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunks_key ON chunks (tenant, collection, document, version, chunk_index);

CREATE TABLE conversations (
  tenant TEXT NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, title TEXT NOT NULL, messages INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX conversations_id ON conversations (tenant, id);
CREATE INDEX conversations_user ON conversations (tenant, user, updated_at, id);

CREATE TABLE messages (
  no INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL, conversation TEXT NOT NULL, sequence INTEGER NOT NULL,
  user TEXT NOT NULL, model TEXT NOT NULL, at INTEGER NOT NULL, message TEXT NOT NULL, extra TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_key ON messages (tenant, conversation, sequence);

CREATE TABLE idempotency (
  tenant TEXT NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, body_sha256 TEXT NOT NULL, resource TEXT NOT NULL,
  number INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE blobs (
  no INTEGER PRIMARY KEY, tenant TEXT NOT NULL, key TEXT NOT NULL, bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX blobs_key ON blobs (tenant, key);
)sql";

// A key is looked up by what its caller presents, before its tenant is known.
constexpr const char* kIssuedKeys = R"sql(
CREATE TABLE issued_keys (
  tenant TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL,
  api_key_sha256 BLOB NOT NULL, access_key_id TEXT NOT NULL, sealed_secret BLOB NOT NULL,
  created_at INTEGER NOT NULL, revoked_at INTEGER,
  PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX issued_keys_hash ON issued_keys (api_key_sha256);
CREATE UNIQUE INDEX issued_keys_access ON issued_keys (access_key_id);
)sql";

}  // namespace

SchemaPart record_tables() { return {"records", {kFirst, kIssuedKeys}}; }

}  // namespace caprock::stores
