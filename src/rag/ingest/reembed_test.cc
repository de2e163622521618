// The ingest beside the making of missing vectors, over the real vector index.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/event.h"
#include "rag/ingest/ingester.h"
#include "rag/ingest/testing.h"
#include "stores/blob/fs/fs_blob_store.h"
#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/temporary_folder.h"
#include "stores/vector/embedded/embedded_vector_index.h"

namespace caprock::rag {
namespace {

namespace asio = boost::asio;

/// The letters' model under another name.
class OldLetters final : public llm::Embedder {
 public:
  llm::EmbedderInfo info() const override {
    return {.fingerprint = "old letters", .name = "old letters", .dimension = 2, .batch = 4};
  }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override {
    return letters_.embed(context, std::move(texts), purpose);
  }

 private:
  testing::LetterEmbedder letters_;
};

class IngestAndReembedTest : public ::testing::Test {
 protected:
  void TearDown() override { vectors_.reset(); }

  template <class Body>
  void with_workers(Body body) {
    asio::io_context loop;
    Reembedder reembedder({.documents = documents_,
                           .chunks = chunks_,
                           .vectors = *vectors_,
                           .inventory = *vectors_,
                           .models = models_,
                           .metrics = base::null_metrics()},
                          pace_);
    Ingester ingester({.blobs = *blobs_,
                       .documents = documents_,
                       .chunks = chunks_,
                       .text = text_,
                       .vectors = *vectors_,
                       .embedder = &embedder_,
                       .pool = pool_,
                       .metrics = base::null_metrics(),
                       .reembedder = &reembedder},
                      {}, {.isolate = false}, {});
    reembedder.start(loop.get_executor());
    ingester.start(loop.get_executor());
    auto whole = [&]() -> base::Awaitable<void> {
      co_await body(ingester);
      co_await reembedder.stop();
      co_await ingester.stop();
    };
    asio::co_spawn(loop, whole(), [](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
    });
    loop.run();
  }
  base::Awaitable<void> take_in(Ingester& ingester, std::string bytes) {
    Submission submission{.bytes = std::move(bytes), .source = "a.txt"};
    const auto accepted = co_await ingester.submit(context_, std::move(submission));
    const auto document = co_await ingester.wait(context_, accepted->document.id);
    EXPECT_EQ(document->status, stores::DocumentStatus::kIndexed);
  }
  base::Awaitable<std::uint64_t> count(std::string model) {
    const auto found = co_await vectors_->count(context_, {here_, std::move(model)});
    co_return found.value();
  }

  stores::testing::TemporaryFolder folder_;
  std::unique_ptr<stores::Database> db_ =
      stores::Database::open(folder_.path() / "caprock.db",
                             {stores::record_tables(), stores::vector_tables()})
          .value();
  base::BlockingPool pool_{{.name = "ingest", .threads = 2, .queue = 64}};
  std::unique_ptr<stores::FsBlobStore> blobs_ =
      stores::FsBlobStore::open(folder_.path() / "blobs", *db_, pool_).value();
  stores::SqliteDocumentStore documents_{*db_};
  stores::SqliteChunkStore chunks_{*db_};
  std::unique_ptr<stores::EmbeddedVectorIndex> vectors_ =
      std::make_unique<stores::EmbeddedVectorIndex>(*db_, pool_, folder_.path() / "vectors");
  testing::FakeTextIndex text_;
  testing::LetterEmbedder embedder_;
  ServingModels models_{embedder_, [](const std::string&) { return std::make_unique<OldLetters>(); }};
  Reembedder::Pace pace_{.first_look = std::chrono::milliseconds(0), .retry = std::chrono::milliseconds(10)};
  base::RequestContext context_ = base::background_context(base::TenantId("default"));
  stores::CollectionKey here_{base::TenantId("default"), "default"};
};

TEST_F(IngestAndReembedTest, ModelBackAgain_GivesTheVectorsThatWereMissed) {
  embedder_.out = true;
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    co_await take_in(ingester, "Words alone.");
    EXPECT_EQ(co_await count("letters"), 0U);
    embedder_.out = false;
    for (int i = 0; i < 500 && co_await count("letters") == 0; ++i)
      co_await base::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(co_await count("letters"), 1U);
  });
}

TEST_F(IngestAndReembedTest, EarlierModelServes_NewDocumentsGetItsVectorsToo) {
  ASSERT_TRUE(models_.serve_earlier(here_, "old letters"));
  pace_.first_look = std::chrono::hours(1);
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    co_await take_in(ingester, "Taken in meanwhile.");
    EXPECT_EQ(co_await count("letters"), 1U);
    EXPECT_EQ(co_await count("old letters"), 1U);
  });
}

}  // namespace
}  // namespace caprock::rag
