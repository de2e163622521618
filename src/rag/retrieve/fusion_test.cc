#include "rag/retrieve/fusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace caprock::rag {
namespace {

using ::testing::ElementsAre;

stores::ChunkKey key(const std::string& document) { return {stores::DocumentId(document), 1, 0}; }
stores::IndexHit text(const std::string& document, double score, double coverage = 1,
                      double document_score = 0) {
  return {.key = key(document), .score = score, .document_score = document_score, .coverage = coverage};
}
stores::IndexHit vector(const std::string& document, double cosine) {
  return {.key = key(document), .score = cosine};
}

std::vector<std::string> order(const std::vector<Fused>& list) {
  std::vector<std::string> ids;
  for (const Fused& fused : list) ids.push_back(fused.key.document.str());
  return ids;
}

TEST(Fuse, Weighted_FollowsTheFormula) {
  const auto list = fuse({.text = {text("a", 10), text("b", 5)},
                          .vectors = {vector("b", 0.8), vector("c", 0.6)},
                          .text_cosines = {0.4F, 0.8F}},
                         {.dense_weight = 0.5});
  ASSERT_EQ(list.size(), 3U);
  EXPECT_THAT(order(list), ElementsAre("b", "a", "c"));
  EXPECT_NEAR(list[0].score, 0.5 * 1.0 + 0.5 * 0.5, 1e-6);
  EXPECT_NEAR(list[1].score, 0.5 * 0.0 + 0.5 * 1.0, 1e-6);
  EXPECT_NEAR(list[2].score, 0.5 * 0.5, 1e-6);
  EXPECT_EQ(list[0].text_rank, 2U);
  EXPECT_EQ(list[0].vector_rank, 1U);
  EXPECT_EQ(list[1].vector_rank, std::nullopt);
  EXPECT_NEAR(*list[1].cosine, 0.4, 1e-6);
  EXPECT_EQ(list[2].text_rank, std::nullopt);
  EXPECT_EQ(list[2].bm25, 0);
}

TEST(Fuse, DocumentScores_CountAsMuchAsThePassages) {
  const auto list = fuse({.text = {text("a", 10, 1, 4), text("b", 9, 1, 8)}}, {});
  EXPECT_THAT(order(list), ElementsAre("b", "a"));
  EXPECT_EQ(list[0].text_rank, 1U);
  EXPECT_DOUBLE_EQ(list[0].score, 1);
}

TEST(Fuse, WithoutVectors_WordsDecide) {
  const auto list = fuse({.text = {text("a", 10), text("b", 5)}}, {});
  EXPECT_THAT(order(list), ElementsAre("a", "b"));
  EXPECT_DOUBLE_EQ(list[0].score, 1);
  EXPECT_DOUBLE_EQ(list[1].score, 0.5);
}

TEST(Fuse, WithoutWords_VectorsDecide) {
  EXPECT_THAT(order(fuse({.vectors = {vector("a", 0.9), vector("b", 0.5)}}, {})), ElementsAre("a", "b"));
  const auto one = fuse({.vectors = {vector("a", 0.9)}}, {});
  EXPECT_DOUBLE_EQ(one[0].score, 0.5);
  EXPECT_TRUE(fuse({}, {}).empty());
}

TEST(Fuse, LoneWeakTextHit_IsDamped) {
  const FusionInput weak{.text = {text("chance", 3, 0.1)},
                         .vectors = {vector("good", 0.7), vector("fair", 0.5)},
                         .text_cosines = {0.1F}};
  EXPECT_THAT(order(fuse(weak, {})), ElementsAre("good", "fair", "chance"));
  FusionInput strong = weak;
  strong.text[0].coverage = 0.9;
  EXPECT_NEAR(fuse(strong, {})[1].score, 0.5, 1e-6);
}

TEST(Fuse, Threshold_AppliesToVectorHitsAlone) {
  const auto list = fuse({.text = {text("a", 10)},
                          .vectors = {vector("b", 0.6), vector("a", 0.2), vector("c", 0.1)},
                          .text_cosines = {0.2F}},
                         {.similarity_threshold = 0.5});
  EXPECT_THAT(order(list), ::testing::UnorderedElementsAre("a", "b"));
}

TEST(Fuse, MissingVectors_DoNotStandInTheWay) {
  const auto list = fuse({.text = {text("a", 10), text("b", 5)},
                          .vectors = {vector("b", 0.6)},
                          .text_cosines = {std::nanf(""), 0.6F}},
                         {});
  EXPECT_EQ(list.size(), 2U);
  for (const Fused& fused : list) EXPECT_FALSE(std::isnan(fused.score));
  EXPECT_FALSE(list[1].cosine.has_value());
}

TEST(Fuse, ReciprocalRanks_AreOfTheTwoLists) {
  const auto list =
      fuse({.text = {text("a", 10), text("b", 5)}, .vectors = {vector("b", 0.8), vector("a", 0.7)}},
           {.reciprocal_ranks = true, .rrf_k = 60});
  EXPECT_NEAR(list[0].score, (1.0 / 61 + 1.0 / 62) / (2.0 / 61), 1e-12);
  EXPECT_DOUBLE_EQ(list[0].score, list[1].score);
}

}  // namespace
}  // namespace caprock::rag
