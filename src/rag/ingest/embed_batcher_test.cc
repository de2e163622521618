#include "rag/ingest/embed_batcher.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <numeric>

#include "base/all_of.h"
#include "rag/ingest/testing.h"

namespace caprock::rag {
namespace {

namespace asio = boost::asio;

base::Awaitable<base::Result<void>> embed_one(EmbedBatcher& batcher, std::string text) {
  const float expected = text == "a" ? 1.0F : 0.0F;
  std::vector<std::string> texts;
  texts.push_back(std::move(text));
  CAPROCK_CO_TRY(const auto vectors, co_await batcher.embed({}, std::move(texts)));
  EXPECT_EQ(vectors.size(), 1U);
  EXPECT_FLOAT_EQ(vectors.at(0).at(0), expected);
  co_return base::Result<void>();
}

base::Awaitable<void> drive(EmbedBatcher& batcher, base::TaskGroup& tasks, int count,
                            base::Result<void>& outcome) {
  std::vector<base::Awaitable<base::Result<void>>> parts;
  for (int i = 0; i < count; ++i) parts.push_back(embed_one(batcher, i % 2 == 0 ? "a" : "b"));
  outcome = co_await base::all_of(std::move(parts));
  tasks.request_stop();
  batcher.wake();
  co_await tasks.join();
}

base::Result<void> embed_many(testing::LetterEmbedder& embedder, int count) {
  asio::io_context loop;
  EmbedBatcher batcher(embedder, loop.get_executor());
  base::TaskGroup tasks(loop.get_executor());
  batcher.start(tasks);
  base::Result<void> outcome;
  asio::co_spawn(loop, drive(batcher, tasks, count, outcome),
                 [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
  loop.run();
  return outcome;
}

TEST(EmbedBatcher, ManyShortDocuments_FillBatches) {
  testing::LetterEmbedder embedder;
  EXPECT_TRUE(embed_many(embedder, 64));
  EXPECT_EQ(std::accumulate(embedder.batches.begin(), embedder.batches.end(), 0U), 64U);
  EXPECT_LE(embedder.batches.size(), 10U);
}

TEST(EmbedBatcher, FailingModel_FailsEveryCaller) {
  testing::LetterEmbedder embedder;
  embedder.out = true;
  const auto outcome = embed_many(embedder, 9);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, base::ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace caprock::rag
