#include "providers/local/batch_queue.h"

#include <gmock/gmock.h>

#include <map>

namespace caprock::providers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kDimension = 2;

std::shared_ptr<EmbedWork> work_of(const std::vector<std::size_t>& lengths) {
  auto work = std::make_shared<EmbedWork>();
  for (const std::size_t length : lengths) work->tokens.emplace_back(length, 7);
  work->out.dimension = kDimension;
  work->out.values.assign(lengths.size() * kDimension, 0);
  return work;
}

std::vector<std::size_t> indices(const BatchQueue::Batch& batch) {
  std::vector<std::size_t> all;
  for (const auto& text : batch.texts) all.push_back(text.index);
  return all;
}

TEST(BatchQueue, TextsOfACall_GoLongestFirstWithWhatIsAlike) {
  BatchQueue queue({.tokens = 120, .powers_of_two = false});
  const auto work = work_of({10, 100, 12, 0, 30, 28});
  queue.push(work);
  auto batch = queue.next(*work);
  EXPECT_THAT(indices(batch), ElementsAre(1));
  EXPECT_EQ(batch.length, 104U);
  batch = queue.next(*work);
  EXPECT_THAT(indices(batch), ElementsAre(4, 5));
  EXPECT_EQ(batch.length, 32U);
  EXPECT_THAT(indices(queue.next(*work)), ElementsAre(2, 0));
  EXPECT_THAT(indices(queue.next(*work)), IsEmpty());
}

TEST(BatchQueue, TextAboveTheLimit_StandsAlone) {
  BatchQueue queue({.tokens = 100, .powers_of_two = false});
  const auto work = work_of({500, 500});
  queue.push(work);
  EXPECT_EQ(queue.next(*work).texts.size(), 1U);
  EXPECT_EQ(queue.next(*work).texts.size(), 1U);
}

TEST(BatchQueue, AnothersTextsOfTheSameLength_GoAlong) {
  BatchQueue queue({.tokens = 512, .powers_of_two = false});
  const auto first = work_of({20});
  const auto second = work_of({24});
  const auto long_one = work_of({90});
  queue.push(first);
  queue.push(long_one);
  queue.push(second);
  const auto batch = queue.next(*second);
  ASSERT_EQ(batch.texts.size(), 2U);
  EXPECT_EQ(batch.texts[0].work, second);
  EXPECT_EQ(batch.length, 24U);
  std::vector<float> vectors{3, 4, 0, 2};
  queue.deliver(batch, vectors);
  EXPECT_TRUE(queue.done(*first) && queue.done(*second));
  EXPECT_FALSE(queue.done(*long_one));
  EXPECT_THAT(second->out.values, ElementsAre(0.6F, 0.8F));
  EXPECT_THAT(first->out.values, ElementsAre(0.0F, 1.0F));
}

TEST(BatchQueue, PowersOfTwo_LeaveTheRestForTheNext) {
  BatchQueue queue({.tokens = 512, .powers_of_two = true});
  const auto work = work_of({20, 20, 20, 20, 20, 20, 20});
  queue.push(work);
  std::map<std::size_t, int> sizes;
  while (true) {
    const auto batch = queue.next(*work);
    if (batch.texts.empty()) break;
    ++sizes[batch.texts.size()];
  }
  EXPECT_EQ(sizes, (std::map<std::size_t, int>{{4, 1}, {2, 1}, {1, 1}}));
}

TEST(BatchQueue, Failure_EndsEveryCallOfTheBatch) {
  BatchQueue queue({.tokens = 64, .powers_of_two = false});
  const auto first = work_of({20, 20, 20});
  const auto second = work_of({24});
  queue.push(first);
  queue.push(second);
  queue.fail(queue.next(*second), base::internal_error("the engine failed"));
  EXPECT_TRUE(queue.done(*second));
  EXPECT_FALSE(second->outcome);
  EXPECT_TRUE(queue.done(*first)) << "one of its texts went along";
  EXPECT_THAT(indices(queue.next(*first)), IsEmpty());
}

TEST(BatchQueue, DroppedCall_IsNotComputed) {
  BatchQueue queue({.tokens = 512, .powers_of_two = false});
  const auto gone = work_of({20});
  const auto stays = work_of({20});
  queue.push(gone);
  queue.push(stays);
  queue.drop(*gone);
  EXPECT_EQ(queue.next(*stays).texts.size(), 1U);
}

TEST(BatchQueue, NothingToDo_IsDoneAtOnce) {
  BatchQueue queue({.tokens = 100, .powers_of_two = false});
  const auto work = work_of({0, 0});
  queue.push(work);
  EXPECT_TRUE(queue.done(*work));
  EXPECT_THAT(indices(queue.next(*work)), IsEmpty());
}

TEST(Pad, ShorterText_IsPaddedAndMasked) {
  const std::vector<std::int32_t> shorter{5, 6};
  const std::vector<std::int32_t> longer{7, 8, 9};
  const std::vector<const std::vector<std::int32_t>*> texts{&shorter, &longer};
  const auto padded = pad(texts, 4, -1);
  EXPECT_THAT(padded.ids, ElementsAre(5, 6, -1, -1, 7, 8, 9, -1));
  EXPECT_THAT(padded.mask, ElementsAre(1, 1, 0, 0, 1, 1, 1, 0));
}

}  // namespace
}  // namespace caprock::providers
