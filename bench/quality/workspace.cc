#include "quality/workspace.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/sha256.h"
#include "providers/local/local_embedder.h"
#include "providers/local/settings.h"
#include "stores/blob/fs/fs_blob_store.h"
#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/tables.h"
#include "stores/text/embedded/text_index.h"
#include "stores/vector/embedded/embedded_vector_index.h"
#include "stores/vector/embedded/vector_table.h"

namespace caprock::bench {
namespace {

namespace asio = boost::asio;
constexpr const char* kNoModel = "none";  ///< words only
constexpr std::size_t kAtOnce = 64;       ///< submissions waiting side by side

template <class T>
T take(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string fingerprint_of(const std::string& model) {
  providers::LocalEmbedderSettings settings;
  settings.model = model;
  return take(providers::LocalEmbedder::make(settings))->info().fingerprint;
}

std::string set_key(const std::string& fingerprint, const std::vector<SetDocument>& documents) {
  std::string all = fingerprint;
  for (const SetDocument& document : documents) all += document.id + document.title + document.text;
  return base::sha256_hex(all);
}

std::string read(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

}  // namespace

struct Workspace::State {
  State(const std::filesystem::path& folder, const std::string& model)
      : database(take(stores::Database::open(
            (folder / "caprock.db").string(),
            {stores::record_tables(), stores::text_index_tables(), stores::vector_tables()}))),
        blobs(take(stores::FsBlobStore::open(folder / "blobs", *database, pool))),
        documents(*database),
        chunks(*database),
        text(take(stores::EmbeddedTextIndex::open(*database, pool, folder / "text"))),
        vectors(*database, pool, folder / "vectors") {
    if (model == kNoModel) return;
    providers::LocalEmbedderSettings settings;
    settings.model = model;
    embedder = take(providers::LocalEmbedder::make(settings));
  }

  /// Runs a coroutine to its end on this thread.
  template <class T>
  T run(base::Awaitable<base::Result<T>> task) {
    std::optional<base::Result<T>> answer;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failed, base::Result<T> value) {
      if (failed) std::rethrow_exception(failed);
      answer.emplace(std::move(value));
    });
    loop.restart();
    loop.run();
    return take(std::move(*answer));
  }

  rag::Retriever make_retriever(const rag::RetrieveSettings& settings) {
    return rag::Retriever({.documents = documents,
                           .chunks = chunks,
                           .text = *text,
                           .vectors = vectors,
                           .embedder = embedder.get(),
                           .reranker = nullptr},
                          settings);
  }
  void ingest(const std::vector<SetDocument>& set);

  asio::io_context loop{1};
  base::BlockingPool pool{{.name = "quality", .threads = 2, .queue = 4096}};
  std::unique_ptr<stores::Database> database;
  std::unique_ptr<stores::FsBlobStore> blobs;
  stores::SqliteDocumentStore documents;
  stores::SqliteChunkStore chunks;
  std::unique_ptr<stores::EmbeddedTextIndex> text;
  stores::EmbeddedVectorIndex vectors;
  std::unique_ptr<llm::Embedder> embedder;
  base::RequestContext context = base::background_context(base::TenantId("default"));
  std::optional<rag::Retriever> retriever;
  double ingest_seconds = 0;
};

namespace {

/// Submits documents from a shared position on, one after the other; several of these run side by side.
base::Awaitable<base::Result<void>> submit_some(rag::Ingester& ingester, const base::RequestContext& context,
                                                const std::vector<SetDocument>& set, std::size_t& next) {
  while (next < set.size()) {
    const SetDocument& document = set[next++];
    if (next % 500 == 0) std::fprintf(stderr, "\r%zu of %zu documents", next, set.size());
    rag::Submission submission{
        .bytes = document.text, .source = document.id, .title = document.title, .content_type = "text/plain"};
    CAPROCK_CO_TRY(const auto accepted, co_await ingester.submit(context, std::move(submission)));
    CAPROCK_CO_TRY(const auto done, co_await ingester.wait(context, accepted.document.id));
    if (done.status != stores::DocumentStatus::kIndexed)
      co_return base::failure(base::internal_error(document.id + ": " + done.error));
  }
  co_return base::Result<void>();
}

}  // namespace

void Workspace::State::ingest(const std::vector<SetDocument>& set) {
  const auto start = std::chrono::steady_clock::now();
  rag::Ingester ingester({.blobs = *blobs,
                          .documents = documents,
                          .chunks = chunks,
                          .text = *text,
                          .vectors = vectors,
                          .embedder = embedder.get(),
                          .pool = pool,
                          .metrics = base::null_metrics()},
                         // A claim that ends while the model is busy with others would be taken twice.
                         {.lease = std::chrono::hours(24)}, {.isolate = false}, {});
  ingester.start(loop.get_executor());
  std::size_t next = 0;
  std::size_t running = kAtOnce;
  std::exception_ptr error;
  for (std::size_t i = 0; i < kAtOnce; ++i)
    asio::co_spawn(loop, submit_some(ingester, context, set, next),
                   [&](std::exception_ptr failed, base::Result<void> done) {
                     if (!failed && !done)
                       failed = std::make_exception_ptr(std::runtime_error(done.error().detail));
                     if (failed) error = failed, next = set.size();
                     if (--running == 0) loop.stop();
                   });
  loop.restart();
  loop.run();
  asio::co_spawn(loop, ingester.stop(), [&](std::exception_ptr) { loop.stop(); });
  loop.restart();
  loop.run();
  if (error) std::rethrow_exception(error);
  ingest_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::fprintf(stderr, "\r%zu documents taken in, %.1f s\n", set.size(), ingest_seconds);
}

Workspace::Workspace(const Options& options, const std::string& set,
                     const std::vector<SetDocument>& documents) {
  const auto folder = options.work / (set + "-" + options.model);
  const auto mark = folder / "complete";
  const std::string key =
      set_key(options.model == kNoModel ? kNoModel : fingerprint_of(options.model), documents);
  const bool complete = !options.fresh && read(mark) == key;
  if (!complete) std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  state_ = std::make_unique<State>(folder, options.model);
  if (!complete) {
    state_->ingest(documents);
    const auto stored = chunk_count();
    const auto published = static_cast<std::uint64_t>(take(state_->database->read_blocking(
        [](stores::Connection& db) { return db.integer("SELECT sum(chunk_count) FROM documents", 0); })));
    if (stored != published)
      throw std::runtime_error(std::to_string(published) + " passages published, but " +
                               std::to_string(stored) + " stored");
    std::ofstream(mark) << key;
  }
  state_->retriever.emplace(state_->make_retriever({}));
}

Workspace::~Workspace() = default;

rag::Retrieval Workspace::retrieve(const rag::RetrieveRequest& request) {
  return state_->run(state_->retriever->retrieve(state_->context, request));
}
rag::Retrieval Workspace::retrieve(const rag::RetrieveRequest& request,
                                   const rag::RetrieveSettings& settings) {
  const rag::Retriever retriever = state_->make_retriever(settings);
  return state_->run(retriever.retrieve(state_->context, request));
}
bool Workspace::has_vectors() const { return state_->embedder != nullptr; }
double Workspace::ingest_seconds() const { return state_->ingest_seconds; }
std::uint64_t Workspace::chunk_count() const {
  return static_cast<std::uint64_t>(take(state_->database->read_blocking(
      [](stores::Connection& db) { return db.integer("SELECT count(*) FROM chunks", 0); })));
}

std::vector<std::string> documents_of(const rag::Retrieval& retrieval) {
  std::vector<std::string> ids;
  for (const rag::Passage& passage : retrieval.passages)
    if (std::ranges::find(ids, passage.source) == ids.end()) ids.push_back(passage.source);
  return ids;
}

}  // namespace caprock::bench
