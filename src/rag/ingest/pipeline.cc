#include "rag/ingest/pipeline.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <memory>

#include "base/all_of.h"
#include "base/event.h"
#include "base/log.h"
#include "rag/vectors/embedding_text.h"

namespace caprock::rag {
namespace {

// Chunks embedded and stored in one step of a long document: bounds memory, and is the grain of its progress.
constexpr std::size_t kWindow = 256;
// A document that took the process down this often is not tried again.
constexpr std::uint32_t kMaxAttempts = 5;

std::string file_name_of(const std::string& source) {
  const auto slash = source.find_last_of('/');
  return slash == std::string::npos ? source : source.substr(slash + 1);
}

std::string choose_title(const stores::Document& document, const ParsedDocument& parsed) {
  if (!document.title.empty()) return document.title;
  if (!parsed.title.empty()) return parsed.title;
  return file_name_of(document.source);
}

// Whether a later attempt may succeed without the document having changed.
bool is_transient(const base::Error& error) {
  using enum base::ErrorKind;
  return error.kind == kUnavailable || error.kind == kOutOfSpace;
}

// Until `span` has passed or the work is to end.
base::Awaitable<void> pause(const base::RequestContext& context, std::chrono::nanoseconds span) {
  base::Event ended(co_await boost::asio::this_coro::executor);
  const std::stop_callback wake(context.cancelled, [&ended] { ended.signal(); });
  (void)co_await ended.wait(span);
}

// What a parser ran out of (time, memory) is the document's fault: the same document would run out of it
// again.
base::Error unreadable(base::Error error) {
  error.kind = base::ErrorKind::kUnprocessable;
  return error;
}

}  // namespace

std::string text_key(const base::TenantId& tenant, const stores::DocumentId& id, std::uint32_t version) {
  return tenant.str() + "/texts/" + id.str() + "-v" + std::to_string(version);
}

/// A document after parsing and chunking, ready for the stores.
struct Pipeline::Prepared {
  std::string title;
  std::string text;
  std::vector<stores::Chunk> chunks;
  std::shared_ptr<const stores::Metadata> metadata;
  std::uint64_t tokens = 0;
  bool whole = true;  ///< every passage that should have a vector has one
  /// Serves the collection while its vectors are made anew; null in general.
  std::shared_ptr<llm::Embedder> earlier;
};

Pipeline::Pipeline(Ingester::Parts parts, const IngestSettings& settings, const ParseSettings& parse,
                   const ChunkSettings& chunk, EmbedBatcher* batcher)
    : parts_(parts),
      settings_(settings),
      parse_(parse),
      chunk_(chunk),
      batcher_(batcher),
      fingerprint_(parts.embedder != nullptr ? parts.embedder->info().fingerprint : ""),
      passages_(parts.chunks, parts.text),
      indexed_(parts.metrics.counter("caprock_documents_total", "Documents taken in, by outcome.",
                                     {{"status", "indexed"}})),
      failed_(parts.metrics.counter("caprock_documents_total", "Documents taken in, by outcome.",
                                    {{"status", "failed"}})),
      chunks_(parts.metrics.counter("caprock_chunks_total", "Passages stored.")),
      unembedded_(
          parts.metrics.counter("caprock_chunks_without_vector_total",
                                "Passages stored without a vector because the embedding model was not "
                                "available.")) {}

base::Awaitable<void> Pipeline::run(base::RequestContext context, stores::IngestJob job) {
  context.principal.tenant = job.document.collection.tenant;
  if (job.attempt > kMaxAttempts) {
    base::Error error(base::ErrorKind::kInternal, "the server ended " + std::to_string(kMaxAttempts) +
                                                      " times while it took this document in");
    co_await give_up(context, job, std::move(error));
    co_return;
  }
  in_work_.insert_or_assign(job.lease,
                            InWork{job, {.bytes_parsed = 0, .chunks_embedded = 0, .chunks_total = 0}});
  base::Result<void> outcome = co_await ingest_patiently(context, job);
  in_work_.erase(job.lease);
  if (outcome) {
    indexed_.add();
    co_return;
  }
  if (outcome.error().kind == base::ErrorKind::kConflict) {
    co_await drop_lost(context, job);
    co_return;
  }
  // The server ends: the document is taken up again at the next start.
  if (outcome.error().kind == base::ErrorKind::kCancelled) co_return;
  co_await give_up(context, job, std::move(outcome).error());
}

// A full disk or a store out of reach is not the document's fault: it keeps its claim and is tried again
// until there is space.
base::Awaitable<base::Result<void>> Pipeline::ingest_patiently(const base::RequestContext& context,
                                                               const stores::IngestJob& job) {
  base::Result<void> outcome = co_await ingest(context, job);
  std::chrono::nanoseconds span = settings_.poll;
  while (!outcome && is_transient(outcome.error())) {
    base::log_error(context, "ingest interrupted, the document waits for its next try", outcome.error());
    co_await pause(context, span);
    CAPROCK_CO_CHECK(context.check());
    span = std::min<std::chrono::nanoseconds>(span * 2, settings_.lease / 3);
    // A small write before all the work: it fails while there is no space, and tells when the claim was lost.
    const auto lease = std::chrono::duration_cast<std::chrono::seconds>(settings_.lease);
    outcome = co_await parts_.documents.progress(context, job, {}, lease);
    if (outcome) outcome = co_await ingest(context, job);
  }
  co_return outcome;
}

// Cancelled, deleted or replaced while we worked: the store's garbage may have been collected before our last
// write, so what we wrote is removed here. Not when another claim has published or is working on this very
// version.
base::Awaitable<void> Pipeline::drop_lost(const base::RequestContext& context, const stores::IngestJob& job) {
  const auto now = co_await parts_.documents.get(context, job.document.id);
  if (!now && now.error().kind != base::ErrorKind::kNotFound) co_return;
  if (now && (now->version == job.version || now->pending_version == job.version)) co_return;
  (void)co_await erase(context, job.document.collection, job.document.id, job.version);
}

base::Awaitable<void> Pipeline::renew_leases(const base::RequestContext& context) {
  std::vector<InWork> claims;
  claims.reserve(in_work_.size());
  for (const auto& [lease, claim] : in_work_) claims.push_back(claim);
  const auto lease = std::chrono::duration_cast<std::chrono::seconds>(settings_.lease);
  for (const InWork& claim : claims) {
    base::RequestContext own = context;
    own.principal.tenant = claim.job.document.collection.tenant;
    // A lost claim shows at the document's own next step.
    (void)co_await parts_.documents.progress(own, claim.job, claim.progress, lease);
  }
}

base::Awaitable<void> Pipeline::give_up(const base::RequestContext& context, const stores::IngestJob& job,
                                        base::Error error) {
  failed_.add();
  base::log(context, base::LogLevel::kWarn, "document failed",
            {{"document", job.document.id.str()},
             {"source", job.document.source},
             {"reason", error.message},
             {"detail", error.detail}});
  (void)co_await erase(context, job.document.collection, job.document.id, job.version);
  const auto failed = co_await parts_.documents.fail(context, job, error.message);
  if (!failed && failed.error().kind != base::ErrorKind::kConflict)
    base::log_error(context, "a failed document could not be marked so", failed.error());
}

base::Awaitable<base::Result<void>> Pipeline::ingest(const base::RequestContext& context,
                                                     const stores::IngestJob& job) {
  CAPROCK_CO_TRY(Prepared prepared, co_await prepare(context, job));
  if (parts_.reembedder != nullptr)
    prepared.earlier = parts_.reembedder->earlier_model(job.document.collection);
  CAPROCK_CO_CHECK(co_await store_texts(context, job, prepared));
  CAPROCK_CO_CHECK(co_await store_vectors(context, job, prepared));
  CAPROCK_CO_TRY(
      const stores::Document published,
      co_await parts_.documents.publish(context, job, static_cast<std::uint32_t>(prepared.chunks.size()),
                                        prepared.tokens, prepared.title));
  chunks_.add(static_cast<double>(published.chunk_count));
  if (!prepared.whole && parts_.reembedder != nullptr) parts_.reembedder->look_again();
  co_return base::Result<void>();
}

base::Awaitable<base::Result<Pipeline::Prepared>> Pipeline::prepare(const base::RequestContext& context,
                                                                    const stores::IngestJob& job) {
  CAPROCK_CO_TRY(std::string bytes, co_await parts_.blobs.get(context, job.document.original_key));
  ParseRequest request{.bytes = std::move(bytes),
                       .declared_type = job.document.content_type,
                       .file_name = file_name_of(job.document.source)};
  auto work = [&]() -> base::Result<Prepared> {
    auto read = parse_document(request, parse_);
    if (!read) return base::failure(unreadable(std::move(read).error()));
    ParsedDocument parsed = std::move(*read);
    parsed.title = choose_title(job.document, parsed);
    Prepared prepared;
    prepared.chunks = chunk_document(parsed, chunk_);
    if (prepared.chunks.empty())
      return base::failure(
          base::invalid_argument("content", "the document has no text that could be searched"));
    for (const stores::Chunk& chunk : prepared.chunks) prepared.tokens += chunk.token_count;
    prepared.title = std::move(parsed.title);
    prepared.text = std::move(parsed.text);
    prepared.metadata = std::make_shared<const stores::Metadata>(job.document.metadata);
    return prepared;
  };
  co_return co_await parts_.pool.run(context, work);
}

base::Awaitable<base::Result<void>> Pipeline::store_texts(const base::RequestContext& context,
                                                          const stores::IngestJob& job,
                                                          const Prepared& prepared) {
  std::vector<stores::ChunkRecord> chunks;
  std::vector<stores::TextRecord> texts;
  chunks.reserve(prepared.chunks.size());
  texts.reserve(prepared.chunks.size());
  for (const stores::Chunk& chunk : prepared.chunks) {
    const stores::ChunkKey key{job.document.id, job.version, chunk.index};
    chunks.push_back({key, chunk});
    texts.push_back({.key = key,
                     .title = prepared.title,
                     .context = chunk.context,
                     .content = chunk.content,
                     .metadata = prepared.metadata});
  }
  // Side by side, so that they share one group commit of the embedded engine.
  const stores::CollectionKey& collection = job.document.collection;
  std::vector<base::Awaitable<base::Result<void>>> writes;
  writes.push_back(
      parts_.blobs.put(context, text_key(collection.tenant, job.document.id, job.version), prepared.text));
  writes.push_back(passages_.put(context, collection, std::move(chunks), std::move(texts)));
  co_return co_await base::all_of(std::move(writes));
}

base::Awaitable<base::Result<void>> Pipeline::store_vectors(const base::RequestContext& context,
                                                            const stores::IngestJob& job,
                                                            Prepared& prepared) {
  if (batcher_ == nullptr) co_return base::Result<void>();
  const std::size_t total = prepared.chunks.size();
  for (std::size_t begin = 0; begin < total; begin += kWindow) {
    const std::size_t end = std::min(total, begin + kWindow);
    CAPROCK_CO_CHECK(co_await embed_window(context, job, prepared, begin, end));
    if (total <= kWindow) break;
    const stores::Progress progress{.bytes_parsed = job.document.size_bytes,
                                    .chunks_embedded = static_cast<std::uint32_t>(end),
                                    .chunks_total = static_cast<std::uint32_t>(total)};
    if (const auto own = in_work_.find(job.lease); own != in_work_.end()) own->second.progress = progress;
    const auto lease = std::chrono::duration_cast<std::chrono::seconds>(settings_.lease);
    CAPROCK_CO_CHECK(co_await parts_.documents.progress(context, job, progress, lease));
  }
  co_return base::Result<void>();
}

base::Awaitable<base::Result<void>> Pipeline::embed_window(const base::RequestContext& context,
                                                           const stores::IngestJob& job, Prepared& prepared,
                                                           std::size_t begin, std::size_t end) {
  std::vector<std::string> texts;
  for (std::size_t i = begin; i < end; ++i) texts.push_back(embedding_text(prepared.chunks[i]));
  if (prepared.earlier) CAPROCK_CO_CHECK(co_await embed_by_earlier(context, job, prepared, texts, begin));
  auto vectors = co_await batcher_->embed(context, std::move(texts));
  if (!vectors) {
    if (vectors.error().kind != base::ErrorKind::kUnavailable)
      co_return base::failure(std::move(vectors).error());
    // The document is searchable by its words now, and gets its vectors when the model is there.
    prepared.whole = false;
    unembedded_.add(static_cast<double>(end - begin));
    base::log_error(context, "passages stored without vectors", vectors.error());
    co_return base::Result<void>();
  }
  std::vector<stores::VectorRecord> records;
  for (std::size_t i = begin; i < end; ++i)
    records.push_back({.key = {job.document.id, job.version, prepared.chunks[i].index},
                       .vector = std::move((*vectors)[i - begin]),
                       .metadata = prepared.metadata});
  co_return co_await parts_.vectors.put(context, job.document.collection, fingerprint_, std::move(records));
}

/// The earlier model's vectors are for a while; without them the document is found by its words.
base::Awaitable<base::Result<void>> Pipeline::embed_by_earlier(const base::RequestContext& context,
                                                               const stores::IngestJob& job,
                                                               const Prepared& prepared,
                                                               std::vector<std::string> texts,
                                                               std::size_t begin) {
  const auto vectors =
      co_await prepared.earlier->embed(context, std::move(texts), llm::EmbedPurpose::kPassage);
  if (!vectors && vectors.error().kind == base::ErrorKind::kUnavailable) co_return base::Result<void>();
  if (!vectors) co_return base::failure(vectors.error());
  std::vector<stores::VectorRecord> records;
  for (std::size_t i = 0; i < vectors->count(); ++i) {
    const auto row = vectors->row(i);
    records.push_back({.key = {job.document.id, job.version, prepared.chunks[begin + i].index},
                       .vector = {row.begin(), row.end()},
                       .metadata = prepared.metadata});
  }
  const std::string fingerprint = prepared.earlier->info().fingerprint;
  co_return co_await parts_.vectors.put(context, job.document.collection, fingerprint, std::move(records));
}

base::Awaitable<base::Result<void>> Pipeline::erase(const base::RequestContext& context,
                                                    stores::CollectionKey collection, stores::DocumentId id,
                                                    std::uint32_t version) {
  std::vector<base::Awaitable<base::Result<void>>> removals;
  removals.push_back(parts_.vectors.remove(context, collection, id, version));
  removals.push_back(parts_.text.remove(context, collection, id, version));
  removals.push_back(parts_.chunks.remove(context, collection, id, version));
  removals.push_back(parts_.blobs.remove(context, text_key(collection.tenant, id, version)));
  co_return co_await base::all_of(std::move(removals));
}

base::Awaitable<base::Result<void>> Pipeline::collect(const base::RequestContext& context,
                                                      stores::Garbage garbage) {
  CAPROCK_CO_CHECK(co_await erase(context, garbage.collection, garbage.document, garbage.version));
  for (const std::string& key : garbage.blob_keys)
    CAPROCK_CO_CHECK(co_await parts_.blobs.remove(context, key));
  co_return co_await parts_.documents.collected(context, garbage);
}

}  // namespace caprock::rag
