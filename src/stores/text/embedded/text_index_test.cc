#include "stores/text/embedded/text_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "stores/testing/disk_faults.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class TextIndexTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  /// Also stands for a restart: nothing is flushed on the way out.
  void open(EmbeddedTextIndex::Settings settings = {.flush_chunks = 64, .fan_in = 3}) {
    index_.reset();
    db_.reset();
    auto db = Database::open(folder_.file("caprock.db"), {text_index_tables()});
    ASSERT_TRUE(db) << db.error().detail;
    db_ = std::move(*db);
    auto index = EmbeddedTextIndex::open(*db_, pool_, folder_.path() / "text", settings);
    ASSERT_TRUE(index) << index.error().detail;
    index_ = std::move(*index);
  }

  static TextRecord record(std::string document, std::string content, std::uint32_t version = 1,
                           Metadata metadata = {}) {
    return {.key = {DocumentId(std::move(document)), version, 0},
            .content = std::move(content),
            .metadata = std::make_shared<const Metadata>(std::move(metadata))};
  }
  void put(TextRecord record) { put({std::vector{std::move(record)}}, here_); }
  void put(std::vector<TextRecord> records, CollectionKey collection) {
    const auto done = testing::run(index_->put(context_, std::move(collection), std::move(records)));
    ASSERT_TRUE(done) << done.error().detail;
  }
  void remove(std::string document, std::uint32_t version = 1) {
    ASSERT_TRUE(testing::run(index_->remove(context_, here_, DocumentId(std::move(document)), version)));
  }
  std::vector<IndexHit> hits(TextQuery query, CollectionKey collection) {
    auto found = testing::run(index_->search(context_, std::move(collection), std::move(query)));
    EXPECT_TRUE(found) << found.error().detail;
    return *found;
  }
  std::vector<std::string> search(std::string text, std::shared_ptr<const Filter> filter = {},
                                  std::uint32_t k = 1000) {
    std::vector<std::string> ids;
    for (const IndexHit& hit : hits({.text = std::move(text), .k = k, .filter = std::move(filter)}, here_))
      ids.push_back(hit.key.document.str());
    return ids;
  }
  std::size_t files() {
    const std::filesystem::directory_iterator all(folder_.path() / "text");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  testing::TemporaryFolder folder_;
  base::BlockingPool pool_{{.name = "text"}};
  std::unique_ptr<Database> db_;
  std::unique_ptr<EmbeddedTextIndex> index_;
  base::RequestContext context_;
  CollectionKey here_{base::TenantId("default"), "papers"};
};

TEST_F(TextIndexTest, Search_FindsTheBestFirst) {
  put(record("a", "the engine failed"));
  put(record("b", "engine engine engine power"));
  put(record("c", "fuel"));
  EXPECT_THAT(search("engines"), ElementsAre("b", "a"));
  EXPECT_THAT(search("?"), IsEmpty());
  EXPECT_THAT(search("unheard"), IsEmpty());
}

TEST_F(TextIndexTest, Chinese_IsFound) {
  put(record("a", "发动机在起飞后失去动力"));
  put(record("b", "飞行员没有受伤"));
  EXPECT_THAT(search("发动机 动力"), ElementsAre("a"));
}

TEST_F(TextIndexTest, K_IsBounded) {
  const auto none = testing::run(index_->search(context_, here_, {.text = "x", .k = 0}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, base::ErrorKind::kInvalidArgument);
  EXPECT_FALSE(testing::run(index_->search(context_, here_, {.text = "x", .k = 10'001})));
}

TEST_F(TextIndexTest, Statistics_NeverCrossCollectionsOrTenants) {
  put(record("a", "engine power"));
  put(record("b", "fuel power"));
  const auto before = hits({.text = "engine power"}, here_);
  for (int i = 0; i < 100; ++i) {
    put({record("x" + std::to_string(i), "engine engine")}, {base::TenantId("default"), "other"});
    put({record("y" + std::to_string(i), "engine")}, {base::TenantId("stranger"), "papers"});
  }
  const auto after = hits({.text = "engine power"}, here_);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].key, after[i].key);
    EXPECT_DOUBLE_EQ(before[i].score, after[i].score);
  }
  EXPECT_THAT(hits({.text = "engine"}, {base::TenantId("stranger"), "none"}), IsEmpty());
}

TEST_F(TextIndexTest, Restart_KeepsEverythingAcknowledged) {
  for (int i = 0; i < 300; ++i) put(record("d" + std::to_string(i), "common word" + std::to_string(i)));
  remove("d7");
  remove("d250");
  for (int round = 0; round < 3; ++round) {
    open();
    EXPECT_EQ(search("common").size(), 298U);
    EXPECT_THAT(search("word123"), ElementsAre("d123"));
    EXPECT_THAT(search("word7"), IsEmpty());
    EXPECT_THAT(search("word250"), IsEmpty());
    ASSERT_TRUE(index_->compact());
    EXPECT_EQ(search("common").size(), 298U);
  }
}

TEST_F(TextIndexTest, SecondPutOfAVersion_ReplacesTheFirst) {
  put(record("a", "old words"));
  put(record("a", "new words"));
  EXPECT_THAT(search("old"), IsEmpty());
  EXPECT_THAT(search("words"), ElementsAre("a"));
  ASSERT_TRUE(index_->compact());
  put(record("a", "newest words"));
  EXPECT_THAT(search("words"), ElementsAre("a"));
  open();
  EXPECT_THAT(search("words"), ElementsAre("a"));
  EXPECT_THAT(search("newest"), ElementsAre("a"));
}

TEST_F(TextIndexTest, RemovedAndPutAgain_IsThere) {
  put(record("a", "first"));
  ASSERT_TRUE(index_->compact());
  remove("a");
  put(record("a", "second"));
  open();
  EXPECT_THAT(search("first"), IsEmpty());
  EXPECT_THAT(search("second"), ElementsAre("a"));
}

TEST_F(TextIndexTest, Versions_LiveSideBySide) {
  put(record("a", "engine", 1));
  put(record("a", "engine", 2));
  EXPECT_EQ(search("engine").size(), 2U);
  remove("a", 1);
  const auto left = hits({.text = "engine"}, here_);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].key.version, 2U);
}

TEST_F(TextIndexTest, Compact_LeavesNothingOfTheDead) {
  for (int i = 0; i < 100; ++i) put(record("d" + std::to_string(i), "common"));
  ASSERT_TRUE(index_->compact());
  EXPECT_GE(files(), 1U);
  for (int i = 0; i < 100; ++i) remove("d" + std::to_string(i));
  EXPECT_THAT(search("common"), IsEmpty());
  ASSERT_TRUE(index_->compact());
  EXPECT_EQ(files(), 0U);
  for (const char* table : {"text_log", "text_tombstones", "text_segments"})
    EXPECT_EQ(db_->read_blocking([&](Connection& c) {
                   return c.integer(std::string("SELECT count(*) FROM ") + table, -1);
                 })
                  .value(),
              0)
        << table;
}

TEST_F(TextIndexTest, UnknownFiles_AreRemovedAtStart) {
  put(record("a", "engine"));
  ASSERT_TRUE(index_->compact());
  ASSERT_TRUE(std::filesystem::copy_file(std::filesystem::directory_iterator(folder_.path() / "text")->path(),
                                         folder_.path() / "text" / "999.seg"));
  open();
  EXPECT_EQ(files(), 1U);
  EXPECT_THAT(search("engine"), ElementsAre("a"));
}

TEST_F(TextIndexTest, Filter_IsAppliedBeforeTheBestAreTaken) {
  for (int i = 0; i < 500; ++i)
    put(record("d" + std::to_string(i),
               i % 100 == 0 ? "engine and many other words here" : "engine engine engine", 1,
               {{"year", 2000.0 + i}, {"rare", i % 100 == 0}}));
  auto filter = std::make_shared<Filter>();
  filter->op = Filter::Op::kEq;
  filter->field = "rare";
  filter->values = {true};
  EXPECT_THAT(search("engine", filter, 5), UnorderedElementsAre("d0", "d100", "d200", "d300", "d400"));
}

TEST_F(TextIndexTest, Segments_GiveTheScoresOfMemory) {
  for (int i = 0; i < 50; ++i)
    put(record("d" + std::to_string(i),
               "engine power word" + std::to_string(i % 7) + std::string(i % 5, 'x')));
  const TextQuery query{.text = "engine word3", .k = 20, .document_scores = true};
  const auto memory = hits(query, here_);
  ASSERT_TRUE(index_->compact());
  const auto segment = hits(query, here_);
  ASSERT_EQ(memory.size(), segment.size());
  for (std::size_t i = 0; i < memory.size(); ++i) {
    EXPECT_NEAR(memory[i].score, segment[i].score, 1e-12);
    EXPECT_NEAR(memory[i].document_score, segment[i].document_score, 1e-12);
    EXPECT_GT(memory[i].document_score, 0);
  }
}

TEST_F(TextIndexTest, SeveralThreads_FindWhatOneFinds) {
  std::mt19937 random(5);
  const auto words = [&](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += " w" + std::to_string(random() % 30);
    return text;
  };
  for (int i = 0; i < 1500; ++i) put(record("d" + std::to_string(i), words(1 + random() % 12)));
  std::vector<TextQuery> queries;
  queries.reserve(60);
  for (int i = 0; i < 60; ++i)
    queries.push_back({.text = words(1 + random() % 6), .k = static_cast<std::uint32_t>(1 + random() % 50)});
  std::vector<std::vector<IndexHit>> wanted;
  wanted.reserve(queries.size());
  for (const TextQuery& query : queries) wanted.push_back(hits(query, here_));
  open({.flush_chunks = 64, .fan_in = 3, .divide_from = 0, .threads = 3});
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto got = hits(queries[i], here_);
    ASSERT_EQ(got.size(), wanted[i].size()) << queries[i].text;
    // The order of a sum, and with it its last bit and the order of equals, depends on the bar when it was
    // made.
    std::set<std::string> above;
    for (std::size_t j = 0; j < got.size(); ++j) {
      ASSERT_DOUBLE_EQ(got[j].score, wanted[i][j].score) << queries[i].text << ' ' << j;
      if (got[j].score > wanted[i].back().score + 1e-9) above.insert(got[j].key.document.str());
    }
    for (const IndexHit& hit : wanted[i])
      if (hit.score > wanted[i].back().score + 1e-9) EXPECT_EQ(above.erase(hit.key.document.str()), 1U);
    EXPECT_THAT(above, IsEmpty());
  }
}

TEST_F(TextIndexTest, DamagedSegment_IsAnErrorNotACrash) {
  put(record("a", "engine"));
  ASSERT_TRUE(index_->compact());
  const auto path = std::filesystem::directory_iterator(folder_.path() / "text")->path();
  std::filesystem::resize_file(path, 100);
  open();
  const auto found = testing::run(index_->search(context_, here_, {.text = "engine"}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, base::ErrorKind::kInternal);
}

// Puts, removals, flushes and merges, with each of their writes failing once.
TEST_F(TextIndexTest, FullDisk_AtAnyWrite_LosesNothing) {
  testing::DiskFaults faults(folder_.path());
  std::vector<std::string> kept;
  for (int nth = 1;; ++nth) {
    ASSERT_LT(nth, 200) << "still writing";
    const std::string id = "d" + std::to_string(nth);
    faults.fail(nth, testing::DiskFaults::Kind::kNoSpace, testing::DiskFaults::Span::kUntilHealed);
    const auto added = testing::run(index_->put(context_, here_, {record(id, "the engine failed")}));
    const auto tidied = index_->compact();
    const auto removed = testing::run(index_->remove(context_, here_, DocumentId(id), 1));
    for (const auto& done : {added, tidied, removed})
      if (!done) EXPECT_EQ(done.error().kind, base::ErrorKind::kOutOfSpace) << done.error().detail;
    if (added && !removed) kept.push_back(id);
    EXPECT_THAT(search("engine"), ::testing::UnorderedElementsAreArray(kept));
    const bool struck = faults.struck();
    faults.heal();
    ASSERT_TRUE(index_->compact());
    EXPECT_THAT(search("engine"), ::testing::UnorderedElementsAreArray(kept));
    if (!struck) break;
  }
  open();
  EXPECT_THAT(search("engine"), ::testing::UnorderedElementsAreArray(kept));
  EXPECT_TRUE(db_->check_integrity());
}

}  // namespace
}  // namespace caprock::stores
