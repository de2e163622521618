#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "stores/types.h"

namespace caprock::stores {

/// An effect that must happen once: stored in the same write as the effect, per tenant and route, for 24 h.
struct IdempotencyEntry {
  std::string route;
  std::string key;          ///< the Idempotency-Key header
  std::string body_sha256;  ///< another body under the same key is kUnprocessable
  std::string resource;     ///< what the effect made, from which the answer is rendered again
};

/// A document to take in. Its bytes are in the blob store already, under a key of this submission alone.
struct NewDocument {
  CollectionKey collection;
  std::string source;
  std::string title;
  std::string content_type;
  Metadata metadata;
  std::string content_sha256;
  std::string original_key;
  std::uint64_t size_bytes = 0;
};

/// `unchanged`: the same bytes, title and metadata are indexed already, nothing was written and no job made.
/// `original_kept`: the document refers to NewDocument::original_key; when false (unchanged, already being
/// ingested, or an idempotent repetition) nobody does, and the caller removes that blob.
struct Accepted {
  Document document;
  bool unchanged = false;
  bool original_kept = true;
};

/// A claim on the ingest of one pending version. The lease lets another worker take over after a crash.
struct IngestJob {
  Document document;
  std::uint32_t version = 0;
  std::string lease;  ///< proves the claim to publish, fail and progress
  std::uint32_t attempt = 1;
};

struct Progress {
  std::uint64_t bytes_parsed = 0;
  std::uint32_t chunks_embedded = 0;
  std::uint32_t chunks_total = 0;
};

/// The index content of a version that is no longer visible and whose removal has not been finished.
struct Garbage {
  DocumentId document;
  CollectionKey collection;
  std::uint32_t version = 0;
  std::vector<std::string> blob_keys;
};

/// What a search needs to know of a document it has hits in.
struct VisibleDocument {
  DocumentId id;
  std::uint32_t version = 0;
  std::string title;
  std::string source;
  std::shared_ptr<const Metadata> metadata;  ///< never null
};

struct DocumentQuery {
  std::optional<DocumentStatus> status;
  std::optional<std::string> collection;
};

/// Documents and their ingest. Every call is within the tenant of the context, atomic, and durable when it
/// returns; shaped so that a single-table DynamoDB engine can do the same with conditional writes. Thread
/// safe. Errors of all: kOutOfSpace, kUnavailable, kInternal.
class DocumentStore {
 public:
  virtual ~DocumentStore() = default;

  /// A new document, or the next version of the one with the same source; with its job and idempotency entry
  /// in one write. The same entry again gives the first outcome; with another body kUnprocessable.
  virtual base::Awaitable<base::Result<Accepted>> accept(const base::RequestContext& context,
                                                         NewDocument document,
                                                         std::optional<IdempotencyEntry> once) = 0;
  virtual base::Awaitable<base::Result<Document>> get(const base::RequestContext& context, DocumentId id) = 0;
  /// Newest first.
  virtual base::Awaitable<base::Result<Page<Document>>> list(const base::RequestContext& context,
                                                             DocumentQuery query, PageRequest page) = 0;
  /// Invisible to searches at once; its content becomes garbage. Cancels a running ingest. kNotFound when
  /// unknown.
  virtual base::Awaitable<base::Result<void>> remove(const base::RequestContext& context, DocumentId id) = 0;
  /// FAILED → PENDING with a new job; kConflict in any other state.
  virtual base::Awaitable<base::Result<Document>> retry(const base::RequestContext& context,
                                                        DocumentId id) = 0;
  /// Stops a pending ingest: the old version stays, a document without one becomes FAILED "cancelled".
  virtual base::Awaitable<base::Result<Document>> cancel(const base::RequestContext& context,
                                                         DocumentId id) = 0;

  /// The documents among `ids` that searches see, with their visible version.
  virtual base::Awaitable<base::Result<std::vector<VisibleDocument>>> visible(
      const base::RequestContext& context, CollectionKey collection, std::vector<DocumentId> ids) = 0;

  // The worker's side. Jobs and collections of all tenants are seen.

  /// Every collection that has documents.
  virtual base::Awaitable<base::Result<std::vector<CollectionKey>>> collections(
      const base::RequestContext& context) = 0;

  /// Up to `count` jobs that nobody holds, oldest first; the status becomes PROCESSING.
  virtual base::Awaitable<base::Result<std::vector<IngestJob>>> claim(const base::RequestContext& context,
                                                                      std::uint32_t count,
                                                                      std::chrono::seconds lease) = 0;
  /// Reports progress and extends the lease. kConflict when the claim is lost (cancelled, deleted, replaced,
  /// taken).
  virtual base::Awaitable<base::Result<void>> progress(const base::RequestContext& context,
                                                       const IngestJob& job, Progress progress,
                                                       std::chrono::seconds lease) = 0;
  /// Makes the version the visible one; the one before becomes garbage. kConflict as above.
  virtual base::Awaitable<base::Result<Document>> publish(const base::RequestContext& context,
                                                          const IngestJob& job, std::uint32_t chunk_count,
                                                          std::uint64_t token_count, std::string title) = 0;
  /// FAILED with the reason; what was written of this version becomes garbage.
  virtual base::Awaitable<base::Result<void>> fail(const base::RequestContext& context, const IngestJob& job,
                                                   std::string reason) = 0;
  virtual base::Awaitable<base::Result<std::vector<Garbage>>> garbage(const base::RequestContext& context,
                                                                      std::uint32_t limit) = 0;
  virtual base::Awaitable<base::Result<void>> collected(const base::RequestContext& context,
                                                        const Garbage& garbage) = 0;
};

}  // namespace caprock::stores
