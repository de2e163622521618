#include "stores/sqlite/codec.h"
#include "stores/sqlite/document_rows.h"
#include "stores/sqlite/document_store.h"

namespace caprock::stores {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

Error claim_lost(const IngestJob& job) {
  return {ErrorKind::kConflict, "the claim on document " + job.document.id.str() +
                                    " is lost: it was cancelled, deleted, replaced or taken over"};
}

// A claim is a queue entry and the attempt that holds it: nobody else gets the same pair.
std::string lease_of(const Candidate& candidate) {
  return std::to_string(candidate.seq) + "." + std::to_string(candidate.attempt);
}

Result<Candidate> held_candidate(Connection& db, const IngestJob& job) {
  CAPROCK_TRY(auto candidate, find_candidate(db, job.document.collection.tenant, job.document.id));
  if (!candidate || candidate->failed || candidate->version != job.version ||
      lease_of(*candidate) != job.lease)
    return failure(claim_lost(job));
  return std::move(*candidate);
}

struct Open {
  std::int64_t seq;
  base::TenantId tenant;
  DocumentId document;
};

Result<std::vector<Open>> open_jobs(Connection& db, std::uint32_t count, std::int64_t now) {
  CAPROCK_TRY(Statement rows, db.prepare("SELECT seq, tenant, document FROM candidates "
                                         "WHERE state = 0 AND leased_until <= ? ORDER BY seq LIMIT ?"));
  rows.bind(now, count);
  std::vector<Open> open;
  while (true) {
    CAPROCK_TRY(const bool row, rows.step());
    if (!row) return open;
    open.push_back({rows.integer(0), base::TenantId(rows.string(1)), DocumentId(rows.string(2))});
  }
}

// The job's document shows what is being ingested, also while an older version is visible.
Result<IngestJob> claim_one(Connection& db, const Open& open, std::int64_t now, std::int64_t until) {
  CAPROCK_CHECK(db.execute("UPDATE candidates SET leased_until = ?, attempt = attempt + 1 WHERE seq = ?",
                           until, open.seq));
  CAPROCK_CHECK(db.execute("UPDATE documents SET status = ?, updated_at = ? WHERE tenant = ? AND id = ?",
                           DocumentStatus::kProcessing, now, open.tenant.str(), open.document.str()));
  CAPROCK_TRY(Document document, load_document(db, open.tenant, open.document));
  CAPROCK_TRY(const auto candidate, find_candidate(db, open.tenant, open.document));
  if (!candidate) return failure(base::internal_error("a claimed candidate is not there"));
  document.title = candidate->title;
  document.content_type = candidate->content_type;
  document.content_sha256 = candidate->sha256;
  document.original_key = candidate->original_key;
  document.size_bytes = candidate->size_bytes;
  CAPROCK_TRY(document.metadata, decode_metadata(candidate->metadata));
  return IngestJob{std::move(document), candidate->version, lease_of(*candidate), candidate->attempt};
}

Result<void> show_published(Connection& db, const IngestJob& job, const Candidate& candidate,
                            std::string_view title, std::uint32_t chunks, std::uint64_t tokens,
                            std::int64_t now) {
  return db.execute(
      "UPDATE documents SET status = ?3, error = '', version = ?4, pending_version = 0, title = ?5, "
      "given_title = ?6, "
      "content_type = ?7, sha256 = ?8, original_key = ?9, size_bytes = ?10, metadata = ?11, chunk_count = "
      "?12, "
      "token_count = ?13, updated_at = ?14, indexed_at = ?14, chunks_embedded = ?12, chunks_total = ?12, "
      "bytes_parsed = ?10 WHERE tenant = ?1 AND id = ?2",
      job.document.collection.tenant.str(), job.document.id.str(), DocumentStatus::kIndexed,
      candidate.version, title, candidate.title, candidate.content_type, candidate.sha256,
      candidate.original_key, candidate.size_bytes, candidate.metadata, chunks, tokens, now);
}

}  // namespace

Result<void> SqliteDocumentStore::release_claims() {
  return db_.write_blocking([](Connection& db) -> Result<void> {
    CAPROCK_CHECK(
        db.execute("UPDATE documents SET status = ? WHERE status = ? AND (tenant, id) IN "
                   "(SELECT tenant, document FROM candidates WHERE state = 0)",
                   DocumentStatus::kPending, DocumentStatus::kProcessing));
    return db.execute("UPDATE candidates SET leased_until = 0 WHERE state = 0 AND leased_until > 0");
  });
}

base::Awaitable<Result<std::vector<IngestJob>>> SqliteDocumentStore::claim(
    const base::RequestContext& context, std::uint32_t count, std::chrono::seconds lease) {
  auto work = [&](Connection& db) -> Result<std::vector<IngestJob>> {
    const base::WallTime now = clock_.wall();
    CAPROCK_TRY(const auto open, open_jobs(db, count, encode_time(now)));
    std::vector<IngestJob> jobs;
    for (const Open& one : open) {
      CAPROCK_TRY(IngestJob job, claim_one(db, one, encode_time(now), encode_time(now + lease)));
      jobs.push_back(std::move(job));
    }
    return jobs;
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<void>> SqliteDocumentStore::progress(const base::RequestContext& context,
                                                            const IngestJob& job, Progress progress,
                                                            std::chrono::seconds lease) {
  auto work = [&](Connection& db) -> Result<void> {
    CAPROCK_TRY(const Candidate candidate, held_candidate(db, job));
    const base::WallTime now = clock_.wall();
    CAPROCK_CHECK(db.execute("UPDATE candidates SET leased_until = ? WHERE seq = ?", encode_time(now + lease),
                             candidate.seq));
    return db.execute(
        "UPDATE documents SET bytes_parsed = ?, chunks_embedded = ?, chunks_total = ?, updated_at = ? "
        "WHERE tenant = ? AND id = ?",
        progress.bytes_parsed, progress.chunks_embedded, progress.chunks_total, encode_time(now),
        job.document.collection.tenant.str(), job.document.id.str());
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<Document>> SqliteDocumentStore::publish(const base::RequestContext& context,
                                                               const IngestJob& job,
                                                               std::uint32_t chunk_count,
                                                               std::uint64_t token_count, std::string title) {
  auto work = [&](Connection& db) -> Result<Document> {
    const base::TenantId& tenant = job.document.collection.tenant;
    CAPROCK_TRY(const Candidate candidate, held_candidate(db, job));
    CAPROCK_TRY(const Document before, load_document(db, tenant, job.document.id));
    // Equal bytes with another title: both versions may share one original.
    const bool original_lives = before.original_key == candidate.original_key;
    if (before.version > 0)
      CAPROCK_CHECK(add_garbage(db, before, before.version, original_lives ? "" : before.original_key));
    CAPROCK_CHECK(
        show_published(db, job, candidate, title, chunk_count, token_count, encode_time(clock_.wall())));
    CAPROCK_CHECK(db.execute("DELETE FROM candidates WHERE seq = ?", candidate.seq));
    forget_after_commit(db, tenant, job.document.id);
    return load_document(db, tenant, job.document.id);
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<void>> SqliteDocumentStore::fail(const base::RequestContext& context,
                                                        const IngestJob& job, std::string reason) {
  auto work = [&](Connection& db) -> Result<void> {
    CAPROCK_TRY(const Candidate candidate, held_candidate(db, job));
    // The original stays: the document can be retried.
    CAPROCK_CHECK(add_garbage(db, job.document, candidate.version, ""));
    CAPROCK_CHECK(
        db.execute("UPDATE candidates SET state = 1, leased_until = 0 WHERE seq = ?", candidate.seq));
    return db.execute(
        "UPDATE documents SET status = ?, error = ?, pending_version = 0, updated_at = ? "
        "WHERE tenant = ? AND id = ?",
        DocumentStatus::kFailed, reason, encode_time(clock_.wall()), job.document.collection.tenant.str(),
        job.document.id.str());
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<std::vector<Garbage>>> SqliteDocumentStore::garbage(
    const base::RequestContext& context, std::uint32_t limit) {
  auto work = [&](Connection& db) -> Result<std::vector<Garbage>> {
    CAPROCK_TRY(Statement rows,
                db.prepare("SELECT tenant, document, collection, version, original_key FROM garbage "
                           "ORDER BY seq LIMIT ?"));
    rows.bind(limit);
    std::vector<Garbage> garbage;
    while (true) {
      CAPROCK_TRY(const bool row, rows.step());
      if (!row) return garbage;
      Garbage one{.document = DocumentId(rows.string(1)),
                  .collection = {base::TenantId(rows.string(0)), rows.string(2)},
                  .version = static_cast<std::uint32_t>(rows.integer(3)),
                  .blob_keys = {}};
      if (!rows.text(4).empty()) one.blob_keys.push_back(rows.string(4));
      garbage.push_back(std::move(one));
    }
  };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<void>> SqliteDocumentStore::collected(const base::RequestContext& context,
                                                             const Garbage& garbage) {
  auto work = [&](Connection& db) {
    // Not when its original became garbage too meanwhile: then it is listed again.
    return db.execute(
        "DELETE FROM garbage WHERE tenant = ? AND document = ? AND version = ? AND original_key = ?",
        garbage.collection.tenant.str(), garbage.document.str(), garbage.version,
        garbage.blob_keys.empty() ? std::string() : garbage.blob_keys.front());
  };
  co_return co_await db_.write(context, std::move(work));
}

}  // namespace caprock::stores
