#include "rag/retrieve/local_reranker.h"

#include <gtest/gtest.h>

#include "stores/testing/run.h"

namespace caprock::rag {
namespace {

TEST(Exactness, PhrasesNearnessAndNumbers_Count) {
  const std::string question = "loss of engine power in 2019";
  const double exact = exactness(question, "The loss of engine power happened in 2019.");
  const double scattered = exactness(
      question,
      "Power was restored. In 2019 the company, whose engine was old, reported heavy commercial loss.");
  const double other_year = exactness(question, "The loss of engine power happened in 2017.");
  EXPECT_GT(exact, scattered);
  EXPECT_GT(exact, other_year);
  EXPECT_EQ(exactness(question, "nothing of it"), 0);
  EXPECT_EQ(exactness("", "text"), 0);
  EXPECT_LE(exact, 1);
}

TEST(LocalReranker, ExactMatch_ComesFirst) {
  LocalReranker reranker;
  const base::RequestContext context;
  const auto scores = stores::testing::run(
      reranker.rerank(context, "loss of engine power", {"engine of a car", "a loss of engine power"}));
  ASSERT_TRUE(scores);
  EXPECT_GT((*scores)[1], (*scores)[0]);
}

}  // namespace
}  // namespace caprock::rag
