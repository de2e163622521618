#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "answers/caching_embedder.h"
#include "base/blocking_pool.h"
#include "llm/embedder.h"
#include "rag/answer/answerer.h"
#include "rag/ingest/ingester.h"
#include "rag/retrieve/retriever.h"
#include "stores/blob/fs/fs_blob_store.h"
#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/document_store.h"
#include "stores/text/embedded/text_index.h"
#include "stores/vector/embedded/embedded_vector_index.h"

namespace caprock::bench {

/// The product's stores, indexes, embedder, ingest and retrieval in process, with their defaults, on a
/// temporary data folder.
class World {
 public:
  /// `embedding_model`: "minilm", "e5-small", or empty for words only. Throws std::runtime_error when it
  /// cannot start.
  explicit World(const std::string& embedding_model = "minilm");
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Takes all in and waits. The documents in the order given; a document that failed has its reason in
  /// `error`.
  std::vector<stores::Document> ingest(std::vector<rag::Submission> submissions);
  /// Runs a coroutine to its end; throws std::runtime_error on an error.
  template <class T>
  T run(base::Awaitable<base::Result<T>> task);

  /// `remembering`: sentences that were embedded before cost nothing; false for measuring time.
  rag::Answerer answerer(rag::AnswerSettings settings, bool remembering = true);
  /// The text that offsets point into; kept.
  const std::string& text(const stores::DocumentId& id);

  const base::RequestContext& context() const { return context_; }
  rag::Retriever& retriever() { return *retriever_; }
  /// Remembers vectors; null without a model.
  llm::Embedder* embedder() { return remembering_.get(); }
  base::BlockingPool& pool() { return pool_; }

 private:
  void drive(base::Awaitable<void> task);
  base::Awaitable<void> take_in(std::vector<rag::Submission> submissions, std::vector<stores::Document>* out);
  base::Awaitable<void> wait_for_all(std::vector<rag::Submission> submissions,
                                     std::vector<stores::Document>* out);

  std::filesystem::path folder_;
  boost::asio::io_context loop_;
  base::BlockingPool pool_{{.name = "quality", .threads = 2, .queue = 4096}};
  std::unique_ptr<stores::Database> db_;
  std::unique_ptr<stores::FsBlobStore> blobs_;
  std::unique_ptr<stores::SqliteDocumentStore> documents_;
  std::unique_ptr<stores::SqliteChunkStore> chunks_;
  std::unique_ptr<stores::EmbeddedTextIndex> text_;
  std::unique_ptr<stores::EmbeddedVectorIndex> vectors_;
  std::unique_ptr<llm::Embedder> embedder_;
  std::unique_ptr<CachingEmbedder> remembering_;
  std::unique_ptr<rag::Retriever> retriever_;
  std::unique_ptr<rag::Ingester> ingester_;
  std::map<stores::DocumentId, std::string> texts_;
  base::RequestContext context_ = base::background_context(base::TenantId("default"));
};

/// What `task` gives, or an exception with the error's message.
template <class T>
base::Awaitable<void> keep(base::Awaitable<base::Result<T>> task, std::optional<base::Result<T>>* out) {
  out->emplace(co_await std::move(task));
}

template <class T>
T World::run(base::Awaitable<base::Result<T>> task) {
  std::optional<base::Result<T>> out;
  drive(keep(std::move(task), &out));
  if (!*out) throw std::runtime_error(out->error().message + " " + out->error().detail);
  return std::move(**out);
}

}  // namespace caprock::bench
