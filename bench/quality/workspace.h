#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/root/document_services.h"
#include "base/metrics.h"
#include "gateway/embed_gateway.h"
#include "quality/embedding_cache.h"
#include "quality/options.h"

namespace caprock::bench {

/// The program's own stores and services (`app/root`), at their defaults, over a folder that goes with it.
/// One thread drives it. Everything throws std::runtime_error when a part fails: a measurement has nothing to
/// recover, and a search without the vectors it asked for is a failure here.
class Workspace {
 public:
  Workspace(const Options& options, const std::string& model);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  /// Takes all in and waits. The documents in the order given; a document that failed says why in `error`.
  std::vector<stores::Document> ingest(std::vector<rag::Submission> submissions);
  /// The same, where every document must be taken in.
  std::vector<stores::Document> ingest_all(std::vector<rag::Submission> submissions);

  rag::Retrieval retrieve(const rag::RetrieveRequest& request);
  rag::Retrieval retrieve(const rag::RetrieveRequest& request, const rag::RetrieveSettings& settings);
  rag::Answer ask(const rag::RetrieveRequest& request, const rag::AnswerSettings& settings);
  /// Without the vectors of earlier runs: for measuring time.
  rag::Answer ask_anew(const rag::RetrieveRequest& request);

  /// The text that offsets point into; kept.
  const std::string& text(const stores::DocumentId& id);
  /// The passages of a document, in their order.
  std::vector<stores::Chunk> chunks(const stores::Document& document);
  std::uint64_t chunk_count();

  bool has_vectors() const { return model_ != nullptr; }
  llm::Embedder* embedder() { return cache_.get(); }  ///< null: words alone
  base::BlockingPool& pool() { return pool_; }
  const base::RequestContext& context() const { return context_; }
  template <class T>
  T run(base::Awaitable<base::Result<T>> task);

 private:
  void drive(base::Awaitable<void> task);
  base::Awaitable<void> take_in(std::vector<rag::Submission> submissions, std::vector<stores::Document>* out);

  std::filesystem::path folder_;
  boost::asio::io_context loop_{1};
  base::BlockingPool pool_{{.name = "quality", .threads = 2, .queue = 8192}};
  app::ProcessSettings settings_;
  std::unique_ptr<app::EmbeddedStores> stores_;
  std::unique_ptr<llm::Embedder> model_;
  std::unique_ptr<gateway::EmbedGateway> gateway_;
  std::unique_ptr<EmbeddingCache> cache_;
  std::optional<app::DocumentServices> services_;
  std::map<stores::DocumentId, std::string> texts_;
  base::RequestContext context_ = base::background_context(base::TenantId("default"));
};

/// The sources of the documents that passages come from, each once.
std::vector<std::string> sources_of(const rag::Retrieval& retrieval);

/// What a result holds, or std::runtime_error with its error.
template <class T>
T take(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Leaves what `task` gives where its caller looks for it.
template <class T>
base::Awaitable<void> keep(base::Awaitable<base::Result<T>> task, std::optional<base::Result<T>>* out) {
  out->emplace(co_await std::move(task));
}

template <class T>
T Workspace::run(base::Awaitable<base::Result<T>> task) {
  std::optional<base::Result<T>> out;
  drive(keep(std::move(task), &out));
  return take(std::move(*out));
}

}  // namespace caprock::bench
