#include "base/trace.h"
#include "stores/sqlite/codec.h"
#include "stores/sqlite/document_rows.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/once.h"

namespace caprock::stores {
namespace {

using base::failure;
using base::Result;

/// One call of accept(), in the writer's transaction.
class Acceptance {
 public:
  Acceptance(Connection& db, const base::TenantId& tenant, const NewDocument& document, base::WallTime now)
      : db_(db), tenant_(tenant), new_(document), metadata_(encode_metadata(document.metadata)), now_(now) {}

  Result<Accepted> run(const std::optional<IdempotencyEntry>& once) {
    if (once) {
      CAPROCK_TRY(const auto before, find_outcome(db_, tenant_, *once, now_));
      if (before) return repeat(*before);
    }
    CAPROCK_TRY(Accepted accepted, by_source());
    if (once) {
      const Outcome outcome{accepted.document.id.str(), accepted.unchanged ? 1 : 0};
      CAPROCK_CHECK(keep_outcome(db_, tenant_, *once, outcome, now_));
    }
    return accepted;
  }

 private:
  Result<Accepted> repeat(const Outcome& before) {
    CAPROCK_TRY(Document document, load_document(db_, tenant_, DocumentId(before.resource)));
    return Accepted{std::move(document), before.number == 1, false};
  }

  Result<Accepted> by_source() {
    CAPROCK_TRY(Statement row,
                db_.prepare("SELECT " CAPROCK_DOCUMENT_COLUMNS ", given_title, last_version FROM documents "
                            "WHERE tenant = ? AND collection = ? AND source = ?"));
    CAPROCK_TRY(const bool known, row.bind(tenant_.str(), new_.collection.collection, new_.source).step());
    if (!known) return insert();
    CAPROCK_TRY(Document old, read_document(row));
    const bool same = old.content_sha256 == new_.content_sha256 && row.text(22) == new_.title &&
                      old.content_type == new_.content_type && old.metadata == new_.metadata;
    if (same && old.status == DocumentStatus::kIndexed) return Accepted{std::move(old), true, false};
    const auto version = static_cast<std::uint32_t>(row.integer(23) + 1);
    CAPROCK_TRY(const auto candidate, find_candidate(db_, tenant_, old.id));
    if (candidate && !candidate->failed && same_as(*candidate)) return Accepted{std::move(old), false, false};
    if (candidate) CAPROCK_CHECK(drop(old, *candidate));
    return replace(old, version);
  }

  bool same_as(const Candidate& candidate) const {
    return candidate.sha256 == new_.content_sha256 && candidate.title == new_.title &&
           candidate.content_type == new_.content_type && candidate.metadata == metadata_;
  }

  Result<Accepted> insert() {
    const std::string id = base::new_uuid();
    const std::int64_t now = encode_time(now_);
    CAPROCK_CHECK(db_.execute(
        "INSERT INTO documents (tenant, id, collection, source, title, given_title, content_type, status, "
        "pending_version, last_version, size_bytes, sha256, original_key, metadata, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?5, ?5, ?, ?, 1, 1, ?, ?, ?, ?, ?12, ?12)",
        tenant_.str(), id, new_.collection.collection, new_.source, new_.title, new_.content_type,
        DocumentStatus::kPending, new_.size_bytes, new_.content_sha256, new_.original_key, metadata_, now));
    CAPROCK_CHECK(enqueue(id, 1));
    return Accepted{fresh(id)};
  }

  // What the row that insert() made reads as.
  Document fresh(const std::string& id) const {
    Document d;
    d.id = DocumentId(id);
    d.collection = {tenant_, new_.collection.collection};
    d.source = new_.source;
    d.title = new_.title;
    d.content_type = new_.content_type;
    d.pending_version = 1;
    d.size_bytes = new_.size_bytes;
    d.content_sha256 = new_.content_sha256;
    d.original_key = new_.original_key;
    d.metadata = new_.metadata;
    d.created_at = d.updated_at = decode_time(encode_time(now_));
    return d;
  }

  Result<void> drop(const Document& old, const Candidate& candidate) {
    CAPROCK_CHECK(add_garbage(db_, old, candidate.version, candidate.original_key));
    return db_.execute("DELETE FROM candidates WHERE seq = ?", candidate.seq);
  }

  Result<Accepted> replace(const Document& old, std::uint32_t version) {
    CAPROCK_CHECK(
        db_.execute("UPDATE documents SET status = ?, error = '', pending_version = ?4, last_version = ?4, "
                    "updated_at = ?5, bytes_parsed = 0, chunks_embedded = 0, chunks_total = 0 "
                    "WHERE tenant = ?2 AND id = ?3",
                    DocumentStatus::kPending, tenant_.str(), old.id.str(), version, encode_time(now_)));
    if (old.version == 0) CAPROCK_CHECK(show_new_facts(old));
    CAPROCK_CHECK(enqueue(old.id.str(), version));
    CAPROCK_TRY(Document document, load_document(db_, tenant_, old.id));
    return Accepted{std::move(document)};
  }

  // Nothing of the document is visible yet: what is shown is what is being ingested.
  Result<void> show_new_facts(const Document& old) {
    return db_.execute(
        "UPDATE documents SET title = ?3, given_title = ?3, content_type = ?4, size_bytes = ?5, "
        "sha256 = ?6, original_key = ?7, metadata = ?8 WHERE tenant = ?1 AND id = ?2",
        tenant_.str(), old.id.str(), new_.title, new_.content_type, new_.size_bytes, new_.content_sha256,
        new_.original_key, metadata_);
  }

  Result<void> enqueue(const std::string& id, std::uint32_t version) {
    return db_.execute(
        "INSERT INTO candidates (tenant, document, version, title, content_type, sha256, original_key, "
        "size_bytes, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        tenant_.str(), id, version, new_.title, new_.content_type, new_.content_sha256, new_.original_key,
        new_.size_bytes, metadata_);
  }

  Connection& db_;
  const base::TenantId& tenant_;
  const NewDocument& new_;
  std::string metadata_;
  base::WallTime now_;
};

}  // namespace

base::Awaitable<Result<Accepted>> SqliteDocumentStore::accept(const base::RequestContext& context,
                                                              NewDocument document,
                                                              std::optional<IdempotencyEntry> once) {
  if (document.source.empty()) co_return failure(base::invalid_argument("source", "source is empty"));
  auto work = [&](Connection& db) {
    return Acceptance(db, context.principal.tenant, document, clock_.wall()).run(once);
  };
  co_return co_await db_.write(context, std::move(work));
}

}  // namespace caprock::stores
