#include "answers/world.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <stdexcept>

#include "base/metrics.h"
#include "providers/local/local_embedder.h"
#include "providers/local/settings.h"
#include "stores/sqlite/tables.h"
#include "stores/vector/embedded/vector_table.h"

namespace caprock::bench {
namespace {

template <class T>
T needed(base::Result<T> result, const char* what) {
  if (!result)
    throw std::runtime_error(std::string(what) + ": " + result.error().message + " " + result.error().detail);
  return std::move(*result);
}

std::filesystem::path fresh_folder() {
  const auto path = std::filesystem::temp_directory_path() /
                    ("caprock-quality-" + std::to_string(::getpid()) + "-" + base::random_hex(4));
  std::filesystem::create_directories(path);
  return path;
}

std::unique_ptr<llm::Embedder> make_embedder(const std::string& model) {
  if (model.empty()) return nullptr;
  providers::LocalEmbedderSettings settings;
  settings.model = model;
  return needed(providers::LocalEmbedder::make(settings), "embedder");
}

}  // namespace

World::World(const std::string& embedding_model)
    : folder_(fresh_folder()), embedder_(make_embedder(embedding_model)) {
  if (embedder_) remembering_ = std::make_unique<CachingEmbedder>(*embedder_);
  db_ = needed(
      stores::Database::open((folder_ / "caprock.db").string(),
                             {stores::record_tables(), stores::text_index_tables(), stores::vector_tables()}),
      "database");
  blobs_ = needed(stores::FsBlobStore::open(folder_ / "blobs", *db_, pool_), "blobs");
  documents_ = std::make_unique<stores::SqliteDocumentStore>(*db_);
  chunks_ = std::make_unique<stores::SqliteChunkStore>(*db_);
  text_ = needed(stores::EmbeddedTextIndex::open(*db_, pool_, folder_ / "text"), "text index");
  vectors_ = std::make_unique<stores::EmbeddedVectorIndex>(*db_, pool_, folder_ / "vectors");
  retriever_ = std::make_unique<rag::Retriever>(rag::Retriever::Parts{.documents = *documents_,
                                                                      .chunks = *chunks_,
                                                                      .text = *text_,
                                                                      .vectors = *vectors_,
                                                                      .embedder = embedder_.get(),
                                                                      .reranker = nullptr},
                                                rag::RetrieveSettings{});
  ingester_ = std::make_unique<rag::Ingester>(rag::Ingester::Parts{.blobs = *blobs_,
                                                                   .documents = *documents_,
                                                                   .chunks = *chunks_,
                                                                   .text = *text_,
                                                                   .vectors = *vectors_,
                                                                   .embedder = embedder_.get(),
                                                                   .pool = pool_,
                                                                   .metrics = base::null_metrics()},
                                              rag::IngestSettings{}, rag::ParseSettings{.isolate = false},
                                              rag::ChunkSettings{});
}

World::~World() {
  ingester_.reset();
  retriever_.reset();
  vectors_.reset();
  text_.reset();
  chunks_.reset();
  documents_.reset();
  blobs_.reset();
  db_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void World::drive(base::Awaitable<void> task) {
  loop_.restart();
  boost::asio::co_spawn(loop_, std::move(task), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  loop_.run();
}

std::vector<stores::Document> World::ingest(std::vector<rag::Submission> submissions) {
  std::vector<stores::Document> out;
  ingester_->start(loop_.get_executor());
  drive(take_in(std::move(submissions), &out));
  return out;
}

base::Awaitable<void> World::take_in(std::vector<rag::Submission> submissions,
                                     std::vector<stores::Document>* out) {
  co_await wait_for_all(std::move(submissions), out);
  co_await ingester_->stop();
}

base::Awaitable<void> World::wait_for_all(std::vector<rag::Submission> submissions,
                                          std::vector<stores::Document>* out) {
  std::vector<stores::DocumentId> ids;
  for (rag::Submission& submission : submissions) {
    auto accepted = co_await ingester_->submit(context_, std::move(submission));
    ids.push_back(needed(std::move(accepted), "submit").document.id);
  }
  for (const stores::DocumentId& id : ids) {
    auto document = co_await ingester_->wait(context_, id);
    out->push_back(needed(std::move(document), "ingest"));
  }
}

rag::Answerer World::answerer(rag::AnswerSettings settings, bool remembering) {
  return rag::Answerer({.retriever = *retriever_,
                        .blobs = *blobs_,
                        .chunks = *chunks_,
                        .embedder = remembering ? embedder() : embedder_.get(),
                        .model = nullptr,
                        .pool = pool_},
                       std::move(settings));
}

const std::string& World::text(const stores::DocumentId& id) {
  const auto known = texts_.find(id);
  if (known != texts_.end()) return known->second;
  const stores::Document document = run(documents_->get(context_, id));
  return texts_[id] = run(ingester_->text(context_, document));
}

}  // namespace caprock::bench
