#include "stores/vector/embedded/graph.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "stores/vector/embedded/half.h"

namespace caprock::stores {
namespace {

constexpr std::size_t kDimension = 32;

class GraphTest : public ::testing::Test {
 protected:
  void fill(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t slot = rows_.grow();
      fill_row(slot);
      sequences_.push_back(slot + 100);
    }
  }
  void fill_row(std::uint32_t slot) {
    std::vector<float> row(kDimension);
    randomize(row.data());
    best_kernels().to_half(row.data(), rows_.row(slot), kDimension);
  }
  void randomize(float* row) {
    float norm = 0;
    for (std::size_t d = 0; d < kDimension; ++d) {
      row[d] = normal_(random_);
      norm += row[d] * row[d];
    }
    for (std::size_t d = 0; d < kDimension; ++d) row[d] /= std::sqrt(norm);
  }
  std::set<std::uint32_t> exact(const float* query, std::size_t k,
                                const std::set<std::uint32_t>& without = {}) {
    TopK best(k);
    for (std::uint32_t slot = 0; slot < rows_.rows(); ++slot)
      if (!without.contains(slot)) best.offer(plain_kernels().dot(query, rows_.row(slot), kDimension), slot);
    return slots(best.take());
  }
  static std::set<std::uint32_t> slots(const std::vector<Scored>& found) {
    std::set<std::uint32_t> result;
    for (const Scored& scored : found) result.insert(scored.slot);
    return result;
  }
  double recall(const Graph& graph, const std::set<std::uint32_t>& without = {}) {
    double hits = 0;
    std::vector<float> query(kDimension);
    for (int i = 0; i < 50; ++i) {
      randomize(query.data());
      TopK best(10);
      for (const Scored& s : graph.search(query.data(), 10, 128, nullptr)) best.offer(s.cosine, s.slot);
      for (const std::uint32_t slot : slots(best.take()))
        hits += exact(query.data(), 10, without).contains(slot) ? 1 : 0;
    }
    return hits / 500;
  }
  std::string saved(std::uint32_t count) {
    fill(count);
    Graph graph(rows_);
    for (std::uint32_t slot = 0; slot < count; ++slot) graph.add(slot);
    return graph.save(sequences_, 1);
  }
  static std::uint32_t same_slot(std::int64_t sequence) { return static_cast<std::uint32_t>(sequence - 100); }

  Matrix rows_{kDimension};
  std::vector<std::int64_t> sequences_;
  std::mt19937 random_{7};
  std::normal_distribution<float> normal_;
};

TEST_F(GraphTest, Search_FindsNearlyAllOfTheNearest) {
  fill(3000);
  Graph graph(rows_);
  for (std::uint32_t slot = 0; slot < 3000; ++slot) graph.add(slot);
  EXPECT_GE(recall(graph), 0.97);
}

TEST_F(GraphTest, RemovedSlot_IsNotFoundAndCanBeUsedAgain) {
  fill(1000);
  Graph graph(rows_);
  for (std::uint32_t slot = 0; slot < 1000; ++slot) graph.add(slot);
  std::set<std::uint32_t> gone;
  for (std::uint32_t slot = 0; slot < 1000; slot += 2) {
    graph.remove(slot);
    gone.insert(slot);
  }
  EXPECT_GE(recall(graph, gone), 0.95);
  for (const std::uint32_t slot : gone) {
    fill_row(slot);
    graph.add(slot);
  }
  EXPECT_EQ(graph.size(), 1000);
  EXPECT_GE(recall(graph), 0.95);
}

TEST_F(GraphTest, SavedAndLoaded_AnswersTheSame) {
  const std::string bytes = saved(2000);
  auto graph = Graph::load(bytes, rows_, same_slot);
  ASSERT_TRUE(graph) << graph.error().detail;
  EXPECT_GE(recall(**graph), 0.97);
  fill(200);
  for (std::uint32_t slot = 2000; slot < 2200; ++slot) (*graph)->add(slot);
  EXPECT_GE(recall(**graph), 0.97);
}

TEST_F(GraphTest, DeletedSinceItWasSaved_IsNotFound) {
  const std::string bytes = saved(1000);
  const auto slot_of = [](std::int64_t sequence) {
    return sequence % 5 == 0 ? Graph::kNoSlot : same_slot(sequence);
  };
  auto graph = Graph::load(bytes, rows_, slot_of);
  ASSERT_TRUE(graph);
  std::set<std::uint32_t> gone;
  for (std::uint32_t slot = 0; slot < 1000; slot += 5) gone.insert(slot);
  EXPECT_EQ((*graph)->removed(), 200);
  EXPECT_GE(recall(**graph, gone), 0.9);
}

TEST_F(GraphTest, DamagedBytes_AreRefusedWhereverTheyAre) {
  const std::string bytes = saved(300);
  for (std::size_t i = 0; i < bytes.size(); i += 97) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x15);
    EXPECT_FALSE(Graph::load(damaged, rows_, same_slot)) << i;
  }
  for (std::size_t size = 0; size < bytes.size(); size += 1001)
    EXPECT_FALSE(Graph::load(bytes.substr(0, size), rows_, same_slot)) << size;
}

}  // namespace
}  // namespace caprock::stores
