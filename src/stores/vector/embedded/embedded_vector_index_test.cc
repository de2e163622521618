#include "stores/vector/embedded/embedded_vector_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>
#include <random>
#include <set>
#include <thread>

#include "stores/testing/disk_faults.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using base::ErrorKind;
using testing::run;

constexpr std::size_t kDimension = 32;
const std::string kModel = "model-a";

Filter equals(std::string field, double value) {
  return {.op = Filter::Op::kEq, .children = {}, .field = std::move(field), .values = {value}};
}

float dot(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
}

class VectorIndexTest : public ::testing::Test {
 protected:
  void TearDown() override { index_.reset(); }
  void open(VectorSettings settings = {}) {
    index_.reset();
    db_.reset();
    db_ = std::move(Database::open(folder_.file("v.db"), {vector_tables()}).value());
    index_ = std::make_unique<EmbeddedVectorIndex>(*db_, pool_, folder_.path() / "vectors", settings);
  }
  std::vector<float> random_vector() {
    std::vector<float> v(kDimension);
    float norm = 0;
    for (float& x : v) {
      x = normal_(random_);
      norm += x * x;
    }
    for (float& x : v) x /= std::sqrt(norm);
    return v;
  }
  // One document a number; `chunks` vectors each; metadata bucket = number % 100.
  std::vector<VectorRecord> records(int first, int count, std::uint32_t chunks = 1) {
    std::vector<VectorRecord> made;
    for (int n = first; n < first + count; ++n) {
      auto metadata = std::make_shared<const Metadata>(Metadata{{"bucket", static_cast<double>(n % 100)}});
      for (std::uint32_t c = 0; c < chunks; ++c) {
        made.push_back({{DocumentId("doc-" + std::to_string(n)), 1, c}, random_vector(), metadata});
        all_.push_back(made.back());
      }
    }
    return made;
  }
  void put(std::vector<VectorRecord> made) {
    ASSERT_TRUE(run(index_->put(context_, here_, kModel, std::move(made))));
  }
  void remove(const std::string& document) {
    ASSERT_TRUE(run(index_->remove(context_, here_, DocumentId(document), 1)));
    std::erase_if(all_, [&](const VectorRecord& r) { return r.key.document.str() == document; });
  }
  std::vector<IndexHit> search(VectorQuery query) {
    return run(index_->search(context_, here_, kModel, std::move(query))).value();
  }
  std::vector<ChunkKey> exact(const VectorQuery& query) {
    std::vector<std::pair<float, ChunkKey>> scored;
    for (const VectorRecord& r : all_)
      if (!query.filter || matches(*query.filter, *r.metadata))
        scored.emplace_back(-dot(query.vector, r.vector), r.key);
    std::ranges::sort(scored);
    std::vector<ChunkKey> keys;
    for (std::size_t i = 0; i < std::min<std::size_t>(query.k, scored.size()); ++i)
      keys.push_back(scored[i].second);
    return keys;
  }
  double recall(std::shared_ptr<const Filter> filter = nullptr) {
    double hits = 0;
    double wanted = 0;
    for (int i = 0; i < 30; ++i) {
      const VectorQuery query{.vector = random_vector(), .k = 10, .filter = filter};
      const auto truth = exact(query);
      wanted += static_cast<double>(truth.size());
      for (const IndexHit& hit : search(query)) hits += std::ranges::count(truth, hit.key) != 0 ? 1 : 0;
    }
    return hits / wanted;
  }

  testing::TemporaryFolder folder_;
  base::BlockingPool pool_{{.name = "search", .threads = 4}};
  std::unique_ptr<Database> db_;
  std::unique_ptr<EmbeddedVectorIndex> index_;
  base::RequestContext context_;
  CollectionKey here_{base::TenantId("default"), "papers"};
  std::vector<VectorRecord> all_;
  std::mt19937 random_{3};
  std::normal_distribution<float> normal_;
};

TEST_F(VectorIndexTest, FewVectors_AreSearchedExactly) {
  open();
  put(records(0, 200, 3));
  const VectorQuery query{.vector = random_vector(), .k = 10};
  const auto hits = search(query);
  std::vector<ChunkKey> keys;
  for (const IndexHit& hit : hits) keys.push_back(hit.key);
  EXPECT_EQ(keys, exact(query));
  EXPECT_GT(hits.front().score, hits.back().score);
}

TEST_F(VectorIndexTest, Ready_BecomesTrueByBeingAsked) {
  open();
  const auto ready = [&](const std::string& model) { return run(index_->ready(context_, here_, model)); };
  EXPECT_EQ(ready(kModel), true) << "there is nothing to wait for";
  put(records(0, 50));
  open({.patience = std::chrono::milliseconds(0)});
  EXPECT_EQ(ready("model-b"), true);
  base::Result<bool> now = ready(kModel);
  for (int i = 0; i < 100'000 && now && !*now; ++i) {
    std::this_thread::yield();
    now = ready(kModel);
  }
  EXPECT_EQ(now, true);
  EXPECT_EQ(search({.vector = all_[7].vector, .k = 1}).front().key, all_[7].key);
}

TEST_F(VectorIndexTest, PutWhileLoaded_IsFoundAtOnce) {
  open();
  put(records(0, 10));
  search({.vector = random_vector(), .k = 1});
  put(records(10, 10));
  EXPECT_EQ(recall(), 1.0);
}

TEST_F(VectorIndexTest, PutAgain_ReplacesTheVector) {
  open();
  auto made = records(0, 1);
  put(made);
  search({.vector = random_vector(), .k = 1});
  made[0].vector = random_vector();
  put(made);
  const auto hits = search({.vector = made[0].vector, .k = 5});
  ASSERT_EQ(hits.size(), 1);
  EXPECT_NEAR(hits[0].score, 1.0, 1e-5);
}

TEST_F(VectorIndexTest, Removed_IsGoneNowAndAfterRestart) {
  open();
  put(records(0, 20, 2));
  search({.vector = random_vector(), .k = 1});
  remove("doc-3");
  EXPECT_EQ(search({.vector = random_vector(), .k = 100}).size(), 38);
  open();
  EXPECT_EQ(search({.vector = random_vector(), .k = 100}).size(), 38);
  for (int n = 0; n < 20; ++n) remove("doc-" + std::to_string(n));
  EXPECT_TRUE(search({.vector = random_vector(), .k = 100}).empty());
  put(records(50, 2));
  EXPECT_EQ(search({.vector = random_vector(), .k = 100}).size(), 2);
}

TEST_F(VectorIndexTest, Filter_IsAppliedBeforeTheTopK) {
  open();
  put(records(0, 1000));
  const auto filter = std::make_shared<const Filter>(equals("bucket", 7));
  EXPECT_EQ(search({.vector = random_vector(), .k = 50, .filter = filter}).size(), 10);
  EXPECT_EQ(recall(filter), 1.0);
}

TEST_F(VectorIndexTest, Fetch_GivesTrueCosinesInOrder) {
  open();
  put(records(0, 3, 2));
  const auto query = random_vector();
  const auto cosines =
      run(index_->fetch(context_, here_, kModel, query,
                        {all_[4].key, {DocumentId("none"), 1, 0}, all_[1].key, {all_[0].key.document, 2, 0}}))
          .value();
  EXPECT_NEAR(cosines[0], dot(query, all_[4].vector), 1e-4);
  EXPECT_TRUE(std::isnan(cosines[1]));
  EXPECT_NEAR(cosines[2], dot(query, all_[1].vector), 1e-4);
  EXPECT_TRUE(std::isnan(cosines[3]));
}

TEST_F(VectorIndexTest, Fingerprints_LiveSideBySideAndGoTogether) {
  open();
  auto made = records(0, 5);
  put(made);
  for (VectorRecord& r : made) r.vector.resize(8, 0.1F);
  ASSERT_TRUE(run(index_->put(context_, here_, "model-b", made)));
  EXPECT_EQ(
      run(index_->search(context_, here_, "model-b", {.vector = std::vector<float>(8, 0.1F)})).value().size(),
      5);
  EXPECT_EQ(search({.vector = random_vector(), .k = 10}).size(), 5);
  remove("doc-0");
  EXPECT_EQ(
      run(index_->search(context_, here_, "model-b", {.vector = std::vector<float>(8, 0.1F)})).value().size(),
      4);
  EXPECT_TRUE(run(index_->search(context_, here_, "model-c", {.vector = random_vector()})).value().empty());
}

TEST_F(VectorIndexTest, OtherTenantOrCollection_SeesNothing) {
  open();
  put(records(0, 5));
  for (const CollectionKey& other :
       {CollectionKey{base::TenantId("other"), "papers"}, {base::TenantId("default"), "x"}}) {
    EXPECT_TRUE(run(index_->search(context_, other, kModel, {.vector = random_vector()})).value().empty());
    EXPECT_TRUE(
        std::isnan(run(index_->fetch(context_, other, kModel, random_vector(), {all_[0].key})).value()[0]));
    ASSERT_TRUE(run(index_->remove(context_, other, all_[0].key.document, 1)));
  }
  EXPECT_EQ(search({.vector = random_vector(), .k = 10}).size(), 5);
}

TEST_F(VectorIndexTest, BadArguments_AreNamed) {
  open();
  put(records(0, 1));
  const auto kind = [](const auto& result) { return result.error().kind; };
  EXPECT_EQ(run(index_->search(context_, here_, kModel, {.vector = random_vector(), .k = 0})).error().field,
            "top_k");
  EXPECT_EQ(
      run(index_->search(context_, here_, kModel, {.vector = random_vector(), .k = 10'001})).error().field,
      "top_k");
  EXPECT_EQ(kind(run(index_->search(context_, here_, kModel, {.vector = {1.0F}}))),
            ErrorKind::kInvalidArgument);
  auto bad = records(1, 1);
  bad[0].vector.resize(3);
  EXPECT_EQ(kind(run(index_->put(context_, here_, kModel, bad))), ErrorKind::kInvalidArgument);
}

// Sanitizers slow the building of a graph down tenfold: with them, it is built of fewer vectors.
constexpr int scaled(int vectors) {
#ifdef CAPROCK_SANITIZED
  return vectors * 2 / 5;
#else
  return vectors;
#endif
}

class GraphedVectorIndexTest : public VectorIndexTest {
 protected:
  static VectorSettings settings() {
    VectorSettings s;
    s.exact_below = scaled(1000);
    return s;
  }
};

TEST_F(GraphedVectorIndexTest, ManyVectors_AreFoundThroughTheGraph) {
  open(settings());
  put(records(0, scaled(5000)));
  EXPECT_EQ(recall(), 1.0) << "before the graph is there";
  index_->wait_until_linked();
  EXPECT_GE(recall(), 0.97);
  EXPECT_GE(recall(std::make_shared<const Filter>(equals("bucket", 7))), 0.95) << "1 % of the documents";
  const Filter most{.op = Filter::Op::kGte, .children = {}, .field = "bucket", .values = {50.0}};
  EXPECT_GE(recall(std::make_shared<const Filter>(most)), 0.95) << "through the graph";
  put(records(scaled(5000), scaled(50)));
  EXPECT_GE(recall(), 0.97);
}

TEST_F(GraphedVectorIndexTest, RemovedAndAdded_StayRight) {
  open(settings());
  put(records(0, scaled(3000)));
  search({.vector = random_vector(), .k = 1});
  index_->wait_until_linked();
  for (int n = 0; n < scaled(1000); ++n) remove("doc-" + std::to_string(n));
  EXPECT_GE(recall(), 0.95);
  put(records(scaled(3000), scaled(1000)));
  index_->wait_until_linked();
  EXPECT_GE(recall(), 0.95);
}

TEST_F(GraphedVectorIndexTest, Restart_ReadsTheGraphAndReplaysWhatCameAfter) {
  open(settings());
  put(records(0, scaled(3000)));
  search({.vector = random_vector(), .k = 1});
  index_->wait_until_linked();
  open(settings());  // the file was written by the destructor
  ASSERT_TRUE(std::filesystem::exists(folder_.path() / "vectors/1.hnsw"));
  // Without a search the space is not loaded: neither of these reaches the graph.
  put(records(scaled(3000), scaled(100)));
  for (int n = 0; n < scaled(100); ++n) remove("doc-" + std::to_string(n));
  EXPECT_GE(recall(), 0.95);
  index_->wait_until_linked();
  EXPECT_GE(recall(), 0.95);
}

TEST_F(GraphedVectorIndexTest, DamagedFile_IsBuiltAnew) {
  open(settings());
  put(records(0, scaled(2000)));
  search({.vector = random_vector(), .k = 1});
  index_->wait_until_linked();
  index_.reset();
  std::filesystem::resize_file(folder_.path() / "vectors/1.hnsw", 5000);
  open(settings());
  EXPECT_EQ(recall(), 1.0);
  index_->wait_until_linked();
  EXPECT_GE(recall(), 0.97);
}

TEST_F(GraphedVectorIndexTest, ReadersBesideAWriter_SeeOnlyWholeVectors) {
  open(settings());
  put(records(0, scaled(1500)));
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&, query = random_vector()] {
      while (!stop) {
        const auto hits = run(index_->search(context_, here_, kModel, {.vector = query, .k = 20}));
        ASSERT_TRUE(hits);
        for (const IndexHit& hit : *hits) ASSERT_LE(std::abs(hit.score), 1.001);
        ASSERT_TRUE(run(index_->fetch(context_, here_, kModel, query, {hits->front().key})));
      }
    });
  }
  for (int round = 0; round < 10; ++round) {
    put(records(2000 + round * 50, 50));
    for (int n = 0; n < 20; ++n) remove("doc-" + std::to_string(round * 20 + n));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  index_->wait_until_linked();
  EXPECT_GE(recall(), 0.95);
}

TEST_F(VectorIndexTest, FullDisk_AtAnyWrite_LosesNothing) {
  open();
  testing::DiskFaults faults(folder_.path());
  std::set<std::string> kept;
  const auto found = [&] {
    std::set<std::string> ids;
    for (const IndexHit& hit : search({.vector = random_vector(), .k = 1000, .filter = nullptr}))
      ids.insert(hit.key.document.str());
    return ids;
  };
  for (int nth = 1;; ++nth) {
    ASSERT_LT(nth, 200) << "still writing";
    const std::string id = "doc-" + std::to_string(nth);
    faults.fail(nth, testing::DiskFaults::Kind::kNoSpace, testing::DiskFaults::Span::kUntilHealed);
    const auto added = run(index_->put(context_, here_, kModel, records(nth, 1, 40)));
    const auto removed = run(index_->remove(context_, here_, DocumentId(id), 1));
    for (const auto& done : {added, removed})
      if (!done) EXPECT_EQ(done.error().kind, ErrorKind::kOutOfSpace) << done.error().detail;
    if (added && !removed) kept.insert(id);
    EXPECT_EQ(found(), kept);
    const bool struck = faults.struck();
    faults.heal();
    if (!struck) break;
  }
  open();
  EXPECT_EQ(found(), kept);
  EXPECT_TRUE(db_->check_integrity());
}

}  // namespace
}  // namespace caprock::stores
