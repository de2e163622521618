#include "rag/ingest/ingester.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/event.h"
#include "rag/ingest/pipeline.h"
#include "rag/ingest/testing.h"
#include "stores/blob/fs/fs_blob_store.h"
#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::rag {
namespace {

namespace asio = boost::asio;
using stores::DocumentStatus;

// The real stores on a temporary folder, with indexes that only remember what they were given.
class IngesterTest : public ::testing::Test {
 protected:
  // Runs `body` with the workers running.
  template <class Body>
  void with_workers(Body body) {
    asio::io_context loop;
    Ingester ingester(parts(), {}, {.isolate = false}, {});
    ingester.start(loop.get_executor());
    auto whole = [&]() -> base::Awaitable<void> {
      co_await body(ingester);
      co_await ingester.stop();
    };
    asio::co_spawn(loop, whole(), [](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
    });
    loop.run();
  }

  Ingester::Parts parts() {
    return {.blobs = *blobs_,
            .documents = documents_,
            .chunks = chunks_,
            .text = text_,
            .vectors = vectors_,
            .embedder = with_embedder_ ? &embedder_ : nullptr,
            .pool = pool_,
            .metrics = base::null_metrics()};
  }

  base::Awaitable<stores::Document> take_in(Ingester& ingester, Submission submission) {
    auto accepted = co_await ingester.submit(context_, std::move(submission));
    EXPECT_TRUE(accepted) << (accepted ? "" : accepted.error().message);
    auto document = co_await ingester.wait(context_, accepted->document.id);
    EXPECT_TRUE(document);
    co_return *document;
  }

  stores::testing::TemporaryFolder folder_;
  std::unique_ptr<stores::Database> db_ =
      stores::Database::open(folder_.path() / "caprock.db", {stores::record_tables()}).value();
  base::BlockingPool pool_{{.name = "ingest", .threads = 2, .queue = 64}};
  std::unique_ptr<stores::FsBlobStore> blobs_ =
      stores::FsBlobStore::open(folder_.path() / "blobs", *db_, pool_).value();
  stores::SqliteDocumentStore documents_{*db_};
  stores::SqliteChunkStore chunks_{*db_};
  testing::FakeTextIndex text_;
  testing::FakeVectorIndex vectors_;
  testing::LetterEmbedder embedder_;
  bool with_embedder_ = true;
  IngestSettings settings_;
  ParseSettings parse_{.isolate = false};
  ChunkSettings chunk_;
  base::RequestContext context_ = base::background_context(base::TenantId("default"));
};

TEST_F(IngesterTest, Text_IsIndexedWhole) {
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto document = co_await take_in(ingester, {.bytes = "A short text.", .source = "a.txt"});
    EXPECT_EQ(document.status, DocumentStatus::kIndexed) << document.error;
    EXPECT_EQ(document.title, "a.txt");
    EXPECT_EQ(document.chunk_count, 1U);
    EXPECT_EQ(text_.of(document.id, document.version), 1U);
    EXPECT_EQ(vectors_.of(document.id, document.version), 1U);
    EXPECT_EQ(co_await ingester.text(context_, document), "A short text.");
    EXPECT_EQ(co_await ingester.original(context_, document), "A short text.");
  });
}

TEST_F(IngesterTest, SameSourceAgain_ReplacesAndRemovesTheOldVersion) {
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto first = co_await take_in(ingester, {.bytes = "The first version.", .source = "a.txt"});
    const auto second = co_await take_in(ingester, {.bytes = "The second version.", .source = "a.txt"});
    EXPECT_EQ(first.id, second.id);
    EXPECT_GT(second.version, first.version);
    EXPECT_EQ(text_.of(second.id, second.version), 1U);
    // The old version goes after the new one is shown: words, vectors and text side by side.
    const std::string old_text = text_key(context_.principal.tenant, first.id, first.version);
    const auto indexed = [&] {
      return text_.of(first.id, first.version) + vectors_.of(first.id, first.version) > 0;
    };
    for (int i = 0; i < 500 && (indexed() || co_await blobs_->get(context_, old_text)); ++i)
      co_await base::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(co_await blobs_->get(context_, old_text));
    EXPECT_EQ(text_.of(first.id, first.version), 0U);
    EXPECT_EQ(vectors_.of(first.id, first.version), 0U);
  });
}

TEST_F(IngesterTest, EqualBytes_ChangeNothing) {
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto first = co_await take_in(ingester, {.bytes = "The same.", .source = "a.txt"});
    auto again = co_await ingester.submit(context_, {.bytes = "The same.", .source = "a.txt"});
    EXPECT_TRUE(again && again->unchanged);
    EXPECT_EQ(again->document.version, first.version);
    EXPECT_EQ(co_await ingester.original(context_, again->document), "The same.");
  });
}

TEST_F(IngesterTest, ModelOut_IndexesWordsAlone) {
  embedder_.out = true;
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto document = co_await take_in(ingester, {.bytes = "Words alone.", .source = "a.txt"});
    EXPECT_EQ(document.status, DocumentStatus::kIndexed);
    EXPECT_EQ(text_.of(document.id, document.version), 1U);
    EXPECT_EQ(vectors_.of(document.id, document.version), 0U);
  });
}

TEST_F(IngesterTest, UnreadablePdf_FailsWithTheReasonAndLeavesNothing) {
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto document = co_await take_in(
        ingester, {.bytes = "%PDF-1.4\nnothing more", .source = "a.pdf", .file_name = "a.pdf"});
    EXPECT_EQ(document.status, DocumentStatus::kFailed);
    EXPECT_NE(document.error.find("PDF"), std::string::npos) << document.error;
    EXPECT_TRUE(text_.held.empty());
  });
}

TEST_F(IngesterTest, EmptyDocument_IsRefusedAtOnce) {
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto refused = co_await ingester.submit(context_, {.bytes = "", .source = "a.txt"});
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::ErrorKind::kInvalidArgument);
  });
}

TEST_F(IngesterTest, FullDisk_LeavesTheDocumentPending) {
  text_.full = true;
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    auto accepted = co_await ingester.submit(context_, {.bytes = "No room.", .source = "a.txt"});
    EXPECT_TRUE(accepted);
    co_await base::sleep_for(std::chrono::milliseconds(50));
    const auto document = co_await documents_.get(context_, accepted->document.id);
    EXPECT_NE(document->status, DocumentStatus::kIndexed);
    EXPECT_NE(document->status, DocumentStatus::kFailed);
  });
}

TEST_F(IngesterTest, WorkLeftByACrash_IsTakenUpAtTheNextStart) {
  stores::DocumentId id;
  {
    Ingester without_workers(parts(), {}, {.isolate = false}, {});
    asio::io_context loop;
    auto submit = [&]() -> base::Awaitable<void> {
      auto accepted = co_await without_workers.submit(context_, {.bytes = "Kept.", .source = "a.txt"});
      id = accepted->document.id;
    };
    asio::co_spawn(loop, submit(), [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
    loop.run();
  }
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto document = co_await ingester.wait(context_, id);
    EXPECT_EQ(document->status, DocumentStatus::kIndexed);
  });
}

TEST_F(IngesterTest, LostClaimOfAPublishedVersion_RemovesNothing) {
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto document = co_await take_in(ingester, {.bytes = "Published once.", .source = "a.txt"});
    // The same version again under a claim that is not valid any more, as after a lease that ran out.
    Pipeline late(parts(), settings_, parse_, chunk_, nullptr);
    co_await late.run(context_,
                      {.document = document, .version = document.version, .lease = "1.1", .attempt = 1});
    EXPECT_GE(text_.of(document.id, document.version), 1U);
    const auto page = co_await chunks_.list(context_, document.collection, document.id, document.version, {});
    EXPECT_TRUE(page && page->items.size() == 1U);
  });
}

TEST_F(IngesterTest, LongDocument_IsEmbeddedInWindowsWithProgress) {
  std::string text;
  for (int i = 0; i < 4000; ++i)
    text += "Sentence number " + std::to_string(i) + " speaks about the sea and its tides. ";
  with_workers([&](Ingester& ingester) -> base::Awaitable<void> {
    const auto document = co_await take_in(ingester, {.bytes = text, .source = "long.txt"});
    EXPECT_EQ(document.status, DocumentStatus::kIndexed) << document.error;
    EXPECT_GT(document.chunk_count, 256U);
    EXPECT_EQ(vectors_.of(document.id, document.version), document.chunk_count);
    EXPECT_EQ(document.chunks_embedded, document.chunk_count);
  });
}

}  // namespace
}  // namespace caprock::rag
