#include "providers/local/batch_queue.h"

#include <gmock/gmock.h>

#include <map>
#include <thread>

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
  for (const auto& text : batch) all.push_back(text.index);
  return all;
}

TEST(BatchQueue, TextsOfACall_GoLongestFirstWithWhatIsAlike) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 120, .padded = true, .powers_of_two = false};
  const auto work = work_of({10, 100, 12, 0, 30, 28});
  queue.push(work);
  auto batch = queue.next(*work, limits);
  EXPECT_THAT(indices(batch), ElementsAre(1));
  batch = queue.next(*work, limits);
  EXPECT_THAT(indices(batch), ElementsAre(4, 5));
  EXPECT_THAT(indices(queue.next(*work, limits)), ElementsAre(2, 0));
  EXPECT_THAT(indices(queue.next(*work, limits)), IsEmpty());
}

TEST(BatchQueue, TextAboveTheLimit_StandsAlone) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 100, .padded = true, .powers_of_two = false};
  const auto work = work_of({500, 500});
  queue.push(work);
  EXPECT_EQ(queue.next(*work, limits).size(), 1U);
  EXPECT_EQ(queue.next(*work, limits).size(), 1U);
}

TEST(BatchQueue, AnothersTextsOfTheSameLength_GoAlong) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 512, .padded = true, .powers_of_two = false};
  const auto first = work_of({20});
  const auto second = work_of({24});
  const auto long_one = work_of({90});
  queue.push(first);
  queue.push(long_one);
  queue.push(second);
  const auto batch = queue.next(*second, limits);
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch[0].work, second);
  std::vector<float> vectors{3, 4, 0, 2};
  queue.deliver(batch, vectors);
  EXPECT_TRUE(queue.wait(*first) && queue.wait(*second));
  EXPECT_FALSE(queue.wait(*long_one)) << "it still waits";
  EXPECT_THAT(second->out.values, ElementsAre(0.6F, 0.8F));
  EXPECT_THAT(first->out.values, ElementsAre(0.0F, 1.0F));
}

TEST(BatchQueue, PowersOfTwo_LeaveTheRestForTheNext) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 512, .padded = true, .powers_of_two = true};
  const auto work = work_of({20, 20, 20, 20, 20, 20, 20});
  queue.push(work);
  std::map<std::size_t, int> sizes;
  while (true) {
    const auto batch = queue.next(*work, limits);
    if (batch.empty()) break;
    ++sizes[batch.size()];
  }
  EXPECT_EQ(sizes, (std::map<std::size_t, int>{{4, 1}, {2, 1}, {1, 1}}));
}

TEST(BatchQueue, Failure_EndsEveryCallOfTheBatch) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 64, .padded = true, .powers_of_two = false};
  const auto first = work_of({20, 20, 20});
  const auto second = work_of({24});
  queue.push(first);
  queue.push(second);
  queue.fail(queue.next(*second, limits), base::internal_error("the engine failed"));
  EXPECT_TRUE(queue.wait(*second));
  EXPECT_FALSE(second->outcome);
  EXPECT_TRUE(queue.wait(*first)) << "one of its texts went along";
  EXPECT_THAT(indices(queue.next(*first, limits)), IsEmpty());
}

TEST(BatchQueue, DroppedCall_IsNotComputed) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 512, .padded = true, .powers_of_two = false};
  const auto gone = work_of({20});
  const auto stays = work_of({20});
  queue.push(gone);
  queue.push(stays);
  queue.drop(*gone);
  EXPECT_EQ(queue.next(*stays, limits).size(), 1U);
}

TEST(BatchQueue, NothingToDo_IsDoneAtOnce) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 100, .padded = true, .powers_of_two = false};
  const auto work = work_of({0, 0});
  queue.push(work);
  EXPECT_TRUE(queue.wait(*work));
  EXPECT_THAT(indices(queue.next(*work, limits)), IsEmpty());
}

TEST(BatchQueue, WithoutPadding_AnyLengthsGoTogetherUpToTheLimit) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 100, .padded = false, .powers_of_two = false};
  const auto work = work_of({3, 70, 40, 25});
  queue.push(work);
  EXPECT_THAT(indices(queue.next(*work, limits)), ElementsAre(1, 3, 0));
  EXPECT_THAT(indices(queue.next(*work, limits)), ElementsAre(2));
}

TEST(BatchQueue, Wait_EndsWhenAnotherDelivers) {
  BatchQueue queue;
  const BatchQueue::Limits limits{.tokens = 100, .padded = false, .powers_of_two = false};
  const auto work = work_of({10});
  queue.push(work);
  const auto batch = queue.next(*work, limits);
  std::vector<float> vectors{1, 0};
  const std::jthread other([&] { queue.deliver(batch, vectors); });
  EXPECT_TRUE(queue.wait(*work));
  EXPECT_THAT(work->out.values, ElementsAre(1.0F, 0.0F));
}

}  // namespace
}  // namespace caprock::providers
