#include "stores/sqlite/chunk_store.h"

#include <gtest/gtest.h>

#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

class ChunkStoreTest : public ::testing::Test {
 protected:
  ChunkRecord record(std::string document, std::uint32_t index) {
    Chunk chunk{.index = index,
                .span = {index * 10, index * 10 + 12},
                .token_count = 3,
                .content = "passage " + std::to_string(index),
                .context = "Title > Methods",
                .section = "Methods",
                .page = index + 1,
                .boxes = {{{0, 3}, 1, {1, 2, 3, 4}}, {{3, 9}, 2, {5, 6, 7, 8.5F}}}};
    return {{DocumentId(std::move(document)), 1, index}, chunk};
  }
  void put(std::vector<ChunkRecord> records, CollectionKey collection) {
    ASSERT_TRUE(testing::run(store_.put(context_, std::move(collection), std::move(records))));
  }
  std::vector<ChunkRecord> get(std::vector<ChunkKey> keys, CollectionKey collection) {
    return testing::run(store_.get(context_, std::move(collection), std::move(keys))).value();
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> db_ = std::move(Database::open(folder_.file("c.db"), {record_tables()}).value());
  SqliteChunkStore store_{*db_};
  base::RequestContext context_;
  CollectionKey here_{base::TenantId("default"), "papers"};
};

TEST_F(ChunkStoreTest, Get_GivesEverythingInTheOrderOfTheKeys) {
  put({record("a", 0), record("a", 1), record("b", 0)}, here_);
  const auto found = get({{DocumentId("b"), 1, 0}, {DocumentId("x"), 1, 0}, {DocumentId("a"), 1, 1}}, here_);
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0].key.document.str(), "b");
  const Chunk& chunk = found[1].chunk;
  EXPECT_EQ(chunk.content, "passage 1");
  EXPECT_EQ(chunk.span, (TextSpan{10, 22}));
  EXPECT_EQ(chunk.context, "Title > Methods");
  EXPECT_EQ(chunk.page, 2);
  ASSERT_EQ(chunk.boxes.size(), 2);
  EXPECT_EQ(chunk.boxes[1].box.y1, 8.5F);
  EXPECT_EQ(chunk.boxes[1].page, 2);
  EXPECT_EQ(chunk.boxes[1].span, (TextSpan{3, 9}));
}

TEST_F(ChunkStoreTest, PutAgain_ReplacesTheChunk) {
  put({record("a", 0)}, here_);
  put({record("a", 0)}, here_);
  EXPECT_EQ(testing::run(store_.list(context_, here_, DocumentId("a"), 1, {})).value().items.size(), 1);
}

TEST_F(ChunkStoreTest, List_GoesThroughAllPages) {
  std::vector<ChunkRecord> records;
  for (std::uint32_t i = 0; i < 7; ++i) records.push_back(record("a", i));
  put(records, here_);
  PageRequest request{.limit = 3, .cursor = ""};
  std::vector<std::uint32_t> seen;
  do {
    auto page = testing::run(store_.list(context_, here_, DocumentId("a"), 1, request)).value();
    for (const Chunk& chunk : page.items) seen.push_back(chunk.index);
    request.cursor = page.next_cursor;
  } while (!request.cursor.empty());
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6}));
}

TEST_F(ChunkStoreTest, ForeignCursor_IsInvalid) {
  const auto refused =
      testing::run(store_.list(context_, here_, DocumentId("a"), 1, {.limit = 3, .cursor = "d6162"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "cursor");
}

TEST_F(ChunkStoreTest, OtherTenantCollectionOrVersion_SeesNothing) {
  put({record("a", 0)}, here_);
  EXPECT_TRUE(get({{DocumentId("a"), 1, 0}}, {base::TenantId("other"), "papers"}).empty());
  EXPECT_TRUE(get({{DocumentId("a"), 1, 0}}, {base::TenantId("default"), "other"}).empty());
  EXPECT_TRUE(get({{DocumentId("a"), 2, 0}}, here_).empty());
}

TEST_F(ChunkStoreTest, Remove_TakesThatVersionOnly) {
  put({record("a", 0), record("b", 0)}, here_);
  ASSERT_TRUE(testing::run(store_.remove(context_, here_, DocumentId("a"), 1)));
  EXPECT_EQ(get({{DocumentId("a"), 1, 0}, {DocumentId("b"), 1, 0}}, here_).size(), 1);
}

}  // namespace
}  // namespace caprock::stores
