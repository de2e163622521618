#include "quality/workspace.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/trace.h"

namespace caprock::bench {
namespace {

constexpr std::uint32_t kPage = 1000;  ///< passages of a listing

std::filesystem::path fresh_folder(const Options& options) {
  const auto path = options.work / ("data-" + std::to_string(::getpid()) + "-" + base::random_hex(4));
  std::filesystem::create_directories(path);
  return path;
}

rag::Retrieval whole(rag::Retrieval retrieval) {
  if (!retrieval.degraded.empty()) throw std::runtime_error(retrieval.degraded);
  return retrieval;
}

rag::Answer whole(rag::Answer answer) {
  if (!answer.degraded.empty()) throw std::runtime_error(answer.degraded);
  return answer;
}

}  // namespace

Workspace::Workspace(const Options& options, const std::string& model) : folder_(fresh_folder(options)) {
  settings_.embeddings.model = model;
  stores_ = take(app::EmbeddedStores::open(folder_, settings_.database, settings_.vectors, pool_));
  model_ = take(app::make_embedder(settings_));
  if (model_) {
    gateway_ = std::make_unique<gateway::EmbedGateway>(*model_, base::null_metrics());
    cache_ = std::make_unique<EmbeddingCache>(*gateway_, vectors_folder(options));
    run(cache_->check(context_));
  }
  services_.emplace(app::DocumentServices::Parts{.stores = *stores_,
                                                 .embedder = cache_.get(),
                                                 .query_pool = pool_,
                                                 .ingest_pool = pool_,
                                                 .metrics = base::null_metrics()},
                    settings_);
}

Workspace::~Workspace() {
  services_.reset();
  stores_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Workspace::drive(base::Awaitable<void> task) {
  loop_.restart();
  boost::asio::co_spawn(loop_, std::move(task), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  loop_.run();
}

std::vector<stores::Document> Workspace::ingest(std::vector<rag::Submission> submissions) {
  std::vector<stores::Document> out;
  services_->ingester.start(loop_.get_executor());
  drive(take_in(std::move(submissions), &out));
  return out;
}

base::Awaitable<void> Workspace::take_in(std::vector<rag::Submission> submissions,
                                         std::vector<stores::Document>* out) {
  std::vector<stores::DocumentId> ids;
  base::RequestContext hurried = context_;  // with a deadline, as a client's request has
  hurried.deadline = base::Deadline::after(std::chrono::hours(1));
  for (rag::Submission& submission : submissions) {
    auto accepted = co_await services_->ingester.submit(hurried, std::move(submission));
    ids.push_back(take(std::move(accepted)).document.id);
  }
  for (const stores::DocumentId& id : ids) {
    auto document = co_await services_->ingester.wait(context_, id);
    out->push_back(take(std::move(document)));
  }
  co_await services_->ingester.stop();
}

std::vector<stores::Document> Workspace::ingest_all(std::vector<rag::Submission> submissions) {
  std::vector<stores::Document> documents = ingest(std::move(submissions));
  for (const stores::Document& document : documents) {
    if (document.status != stores::DocumentStatus::kIndexed)
      throw std::runtime_error(document.source + " is not indexed: " + document.error);
  }
  return documents;
}

rag::Retrieval Workspace::retrieve(const rag::RetrieveRequest& request) {
  return whole(run(services_->retriever.retrieve(context_, request)));
}

rag::Retrieval Workspace::retrieve(const rag::RetrieveRequest& request,
                                   const rag::RetrieveSettings& settings) {
  const rag::Retriever retriever({.documents = *stores_->documents,
                                  .chunks = *stores_->chunks,
                                  .text = *stores_->text,
                                  .vectors = *stores_->vectors,
                                  .models = services_->models.get(),
                                  .reranker = nullptr},
                                 settings);
  return whole(run(retriever.retrieve(context_, request)));
}

rag::Answer Workspace::ask(const rag::RetrieveRequest& request, const rag::AnswerSettings& settings) {
  const rag::Answerer answerer({.retriever = services_->retriever,
                                .blobs = *stores_->blobs,
                                .chunks = *stores_->chunks,
                                .embedder = cache_.get(),
                                .model = nullptr,
                                .pool = pool_},
                               settings);
  return whole(run(answerer.ask(context_, {.retrieve = request}, {})));
}

rag::Answer Workspace::ask_anew(const rag::RetrieveRequest& request) {
  const app::DocumentServices anew({.stores = *stores_,
                                    .embedder = gateway_.get(),
                                    .query_pool = pool_,
                                    .ingest_pool = pool_,
                                    .metrics = base::null_metrics()},
                                   settings_);
  return whole(run(anew.answerer.ask(context_, {.retrieve = request}, {})));
}

const std::string& Workspace::text(const stores::DocumentId& id) {
  const auto known = texts_.find(id);
  if (known != texts_.end()) return known->second;
  const stores::Document document = run(stores_->documents->get(context_, id));
  return texts_[id] = run(services_->ingester.text(context_, document));
}

std::vector<stores::Chunk> Workspace::chunks(const stores::Document& document) {
  std::vector<stores::Chunk> out;
  stores::PageRequest next{.limit = kPage};
  do {
    auto page =
        run(stores_->chunks->list(context_, document.collection, document.id, document.version, next));
    std::ranges::move(page.items, std::back_inserter(out));
    next.cursor = page.next_cursor;
  } while (!next.cursor.empty());
  return out;
}

std::uint64_t Workspace::chunk_count() {
  return static_cast<std::uint64_t>(take(stores_->database->read_blocking(
      [](stores::Connection& db) { return db.integer("SELECT count(*) FROM chunks", 0); })));
}

std::vector<std::string> sources_of(const rag::Retrieval& retrieval) {
  std::vector<std::string> sources;
  for (const rag::Passage& passage : retrieval.passages) {
    if (std::ranges::find(sources, passage.source) == sources.end()) sources.push_back(passage.source);
  }
  return sources;
}

}  // namespace caprock::bench
