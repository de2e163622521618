#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"
#include "stores/vector/embedded/embedded_vector_index.h"

namespace caprock::stores {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::run;
using ::testing::UnorderedElementsAre;

class VectorInventoryTest : public ::testing::Test {
 protected:
  void TearDown() override { index_.reset(); }
  void put(const std::string& fingerprint, const std::string& document, std::vector<std::uint32_t> chunks) {
    std::vector<VectorRecord> records;
    for (const std::uint32_t chunk : chunks)
      records.push_back({.key = {DocumentId(document), 1, chunk}, .vector = {1, 0}, .metadata = nullptr});
    ASSERT_TRUE(run(index_->put(context_, here_, fingerprint, std::move(records))));
  }
  std::vector<IndexHit> search(const std::string& fingerprint) {
    return run(index_->search(context_, here_, fingerprint, {.vector = {1, 0}, .k = 10'000, .filter = {}}))
        .value();
  }

  testing::TemporaryFolder folder_;
  base::BlockingPool pool_{{.name = "test", .threads = 2, .queue = 64}};
  std::unique_ptr<Database> db_ = std::move(Database::open(folder_.file("v.db"), {vector_tables()}).value());
  std::unique_ptr<EmbeddedVectorIndex> index_ =
      std::make_unique<EmbeddedVectorIndex>(*db_, pool_, folder_.path() / "vectors");
  base::RequestContext context_;
  CollectionKey here_{base::TenantId("default"), "papers"};
};

TEST_F(VectorInventoryTest, Spaces_AreThoseThatHoldSomething) {
  EXPECT_THAT(run(index_->spaces(context_)).value(), IsEmpty());
  put("old", "a", {0});
  put("new", "a", {0});
  EXPECT_THAT(run(index_->spaces(context_)).value(),
              UnorderedElementsAre(SpaceKey{here_, "old"}, SpaceKey{here_, "new"}));
}

TEST_F(VectorInventoryTest, Counts_AreOfOneModelAndVersion) {
  put("old", "a", {0, 1, 2});
  put("new", "a", {1});
  put("new", "b", {0, 4});
  EXPECT_EQ(run(index_->count(context_, {here_, "old"})), 3U);
  EXPECT_EQ(run(index_->count(context_, {here_, "new"})), 3U);
  EXPECT_EQ(run(index_->count(context_, {here_, "none"})), 0U);
  EXPECT_THAT(
      run(index_->counts(
              context_, {here_, "new"},
              {{DocumentId("b"), 1}, {DocumentId("b"), 2}, {DocumentId("a"), 1}, {DocumentId("x"), 1}}))
          .value(),
      ElementsAre(2, 0, 1, 0));
  EXPECT_THAT(run(index_->held(context_, {here_, "new"}, {DocumentId("b"), 1})).value(), ElementsAre(0, 4));
  EXPECT_THAT(run(index_->held(context_, {here_, "none"}, {DocumentId("b"), 1})).value(), IsEmpty());
}

TEST_F(VectorInventoryTest, Drop_RemovesOneModelInSlicesAndLeavesTheOthers) {
  std::vector<std::uint32_t> many(4500);
  for (std::uint32_t i = 0; i < many.size(); ++i) many[i] = i;
  put("old", "a", many);
  put("old", "b", {0});
  put("new", "a", {0, 1});
  EXPECT_EQ(search("old").size(), 4501U);
  ASSERT_TRUE(run(index_->drop(context_, {here_, "old"})));
  EXPECT_THAT(run(index_->spaces(context_)).value(), ElementsAre(SpaceKey{here_, "new"}));
  EXPECT_THAT(search("old"), IsEmpty());
  EXPECT_EQ(search("new").size(), 2U);
  const auto left =
      db_->read_blocking([](Connection& db) { return db.integer("SELECT COUNT(*) FROM vectors", -1); });
  EXPECT_EQ(left, 2);
  EXPECT_TRUE(run(index_->drop(context_, {here_, "old"})));
}

TEST_F(VectorInventoryTest, DropThatIsCancelled_GoesOnWhenAskedAgain) {
  put("old", "a", {0, 1});
  std::stop_source stop;
  stop.request_stop();
  base::RequestContext ended = context_;
  ended.cancelled = stop.get_token();
  const auto cut = run(index_->drop(ended, {here_, "old"}));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, base::ErrorKind::kCancelled);
  EXPECT_EQ(run(index_->count(context_, {here_, "old"})), 2U);
  EXPECT_TRUE(run(index_->drop(context_, {here_, "old"})));
  EXPECT_EQ(run(index_->count(context_, {here_, "old"})), 0U);
}

}  // namespace
}  // namespace caprock::stores
