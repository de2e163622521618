#include "rag/ingest/passage_writer.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/all_of.h"
#include "base/event.h"

namespace caprock::rag {
namespace {

namespace asio = boost::asio;
using base::Result;

/// Takes some turns of the loop for a write, remembers its sizes, and refuses what holds document "bad".
template <class Base, class Record>
class SlowStore : public Base {
 public:
  base::Awaitable<Result<void>> put(const base::RequestContext&, stores::CollectionKey collection,
                                    std::vector<Record> records) override {
    writes.push_back(records.size());
    collections.push_back(collection.collection);
    co_await base::sleep_for(std::chrono::milliseconds(1));
    for (const Record& record : records)
      if (record.key.document.str() == "bad")
        co_return base::failure(base::invalid_argument("content", "bad"));
    for (const Record& record : records) held.push_back(record.key.document.str());
    co_return Result<void>();
  }
  std::vector<std::size_t> writes;
  std::vector<std::string> collections;
  std::vector<std::string> held;
};

class Chunks final : public SlowStore<stores::ChunkStore, stores::ChunkRecord> {
 public:
  base::Awaitable<Result<std::vector<stores::ChunkRecord>>> get(const base::RequestContext&,
                                                                stores::CollectionKey,
                                                                std::vector<stores::ChunkKey>) override {
    co_return std::vector<stores::ChunkRecord>();
  }
  base::Awaitable<Result<stores::Page<stores::Chunk>>> list(const base::RequestContext&,
                                                            stores::CollectionKey, stores::DocumentId,
                                                            std::uint32_t, stores::PageRequest) override {
    co_return stores::Page<stores::Chunk>();
  }
  base::Awaitable<Result<void>> remove(const base::RequestContext&, stores::CollectionKey, stores::DocumentId,
                                       std::uint32_t) override {
    co_return Result<void>();
  }
};

class Texts final : public SlowStore<stores::TextIndex, stores::TextRecord> {
 public:
  stores::IndexCapabilities capabilities() const override { return {}; }
  base::Awaitable<Result<std::vector<stores::IndexHit>>> search(const base::RequestContext&,
                                                                stores::CollectionKey,
                                                                stores::TextQuery) override {
    co_return std::vector<stores::IndexHit>();
  }
  base::Awaitable<Result<void>> remove(const base::RequestContext&, stores::CollectionKey, stores::DocumentId,
                                       std::uint32_t) override {
    co_return Result<void>();
  }
};

class PassageWriterTest : public ::testing::Test {
 protected:
  struct Put {
    std::string document;
    std::string collection = "default";
  };
  base::Awaitable<Result<void>> put(Put what, Result<void>& outcome) {
    const stores::ChunkKey key{stores::DocumentId(what.document), 1, 0};
    outcome = co_await writer_.put(context_, {base::TenantId("default"), what.collection}, {{key, {}}},
                                   {{.key = key, .title = {}, .context = {}, .content = {}, .metadata = {}}});
    co_return Result<void>();
  }
  std::vector<Result<void>> put_all(const std::vector<Put>& all) {
    std::vector<Result<void>> outcomes(all.size());
    std::vector<base::Awaitable<Result<void>>> parts;
    for (std::size_t i = 0; i < all.size(); ++i) parts.push_back(put(all[i], outcomes[i]));
    asio::io_context loop;
    asio::co_spawn(loop, base::all_of(std::move(parts)),
                   [](std::exception_ptr failed, const Result<void>&) { EXPECT_FALSE(failed); });
    loop.run();
    return outcomes;
  }

  Chunks chunks_;
  Texts texts_;
  PassageWriter writer_{chunks_, texts_};
  base::RequestContext context_;
};

TEST_F(PassageWriterTest, WhatComesDuringAWrite_GoesWithTheNext) {
  const std::vector<Put> all(40, {.document = "d"});
  for (const auto& outcome : put_all(all)) EXPECT_TRUE(outcome);
  EXPECT_EQ(chunks_.writes, (std::vector<std::size_t>{1, 39}));
  EXPECT_EQ(texts_.writes, chunks_.writes);
  EXPECT_EQ(chunks_.held.size(), 40U);
}

TEST_F(PassageWriterTest, RefusedDocument_HoldsUpNoOther) {
  const auto outcomes =
      put_all({{.document = "a"}, {.document = "b"}, {.document = "bad"}, {.document = "c"}});
  EXPECT_TRUE(outcomes[0] && outcomes[1] && outcomes[3]);
  ASSERT_FALSE(outcomes[2]);
  EXPECT_EQ(outcomes[2].error().kind, base::ErrorKind::kInvalidArgument);
  EXPECT_EQ(chunks_.held, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(texts_.held, chunks_.held);
}

TEST_F(PassageWriterTest, OtherCollections_AreWrittenApart) {
  put_all(
      {{.document = "a"}, {.document = "b"}, {.document = "c", .collection = "other"}, {.document = "d"}});
  EXPECT_EQ(chunks_.collections, (std::vector<std::string>{"default", "default", "other", "default"}));
  EXPECT_EQ(chunks_.held, (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST_F(PassageWriterTest, ManyPassages_GoInSeveralWrites) {
  const std::vector<Put> all(1200, {.document = "d"});
  put_all(all);
  EXPECT_EQ(chunks_.writes, (std::vector<std::size_t>{1, 512, 512, 175}));
}

}  // namespace
}  // namespace caprock::rag
