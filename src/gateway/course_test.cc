#include "gateway/course.h"

#include <gtest/gtest.h>

namespace caprock::gateway {
namespace {

using base::Error;
using base::ErrorCause;
using base::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

double half() { return 0.5; }

Failure throttled() {
  return read_failure(Error(ErrorKind::kRateLimited, "x").with_cause(ErrorCause::kThrottled));
}
Failure fault() {
  return read_failure(Error(ErrorKind::kUpstream, "x").with_cause(ErrorCause::kServiceFault));
}
Failure bad_request() { return read_failure(Error(ErrorKind::kInvalidArgument, "x")); }
Failure no_model() { return read_failure(Error(ErrorKind::kNotFound, "x").with_field("model")); }
Failure silent() {
  return read_failure(Error(ErrorKind::kDeadlineExceeded, "x").with_cause(ErrorCause::kSilent));
}
Failure expired() {
  return read_failure(Error(ErrorKind::kInternal, "x").with_cause(ErrorCause::kCredentials));
}

class CourseTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Plan> plan(const std::vector<std::string>& models) {
    auto made = std::make_shared<Plan>();
    for (const std::string& model : models) {
      const auto state = states_.of({.id = model,
                                     .provider = model.substr(0, 1),
                                     .account = "",
                                     .region = "",
                                     .model = model.substr(1)});
      made->stops.push_back({.state = state, .same_model = model.substr(1) == models[0].substr(1)});
    }
    return made;
  }
  std::unique_ptr<Course> course(const std::vector<std::string>& models, Reach reach = Reach::kAll) {
    return std::make_unique<Course>(settings_, plan(models), budget_, half, reach);
  }
  void open(const std::string& model) {
    for (int i = 0; i < 5; ++i) plan({model})->stops[0].state->failed(now_, "x");
  }

  static constexpr milliseconds kLong{600'000};
  CourseSettings settings_;
  RetryBudget budget_{{}};
  TargetStates states_{{}, 500, base::null_metrics()};
  base::MonoTime now_{};
};

TEST_F(CourseTest, Throttled_WaitsLongerEachTime_ThreeAttempts) {
  const auto way = course({"am"});
  EXPECT_EQ(way->begin(now_).stop, 0U);
  EXPECT_EQ(way->after(throttled(), now_, kLong)->wait, milliseconds(500));
  EXPECT_EQ(way->after(throttled(), now_, kLong)->wait, milliseconds(1000));
  EXPECT_FALSE(way->after(throttled(), now_, kLong));
  EXPECT_EQ(way->attempts(), 3);
  EXPECT_EQ(way->patience(), seconds(4));
}

TEST_F(CourseTest, BadRequest_IsTheAnswer) {
  const auto way = course({"am", "bm"});
  way->begin(now_);
  EXPECT_FALSE(way->after(bad_request(), now_, kLong));
}

TEST_F(CourseTest, WaitBeyondTheDeadline_IsNotBegun) {
  const auto way = course({"am"});
  way->begin(now_);
  EXPECT_FALSE(way->after(throttled(), now_, milliseconds(400)));
}

TEST_F(CourseTest, Throttled_GoesElsewhereAtOnce_ThenFromTheFront) {
  const auto way = course({"am", "bn"});
  way->begin(now_);
  const auto second = way->after(throttled(), now_, kLong);
  EXPECT_EQ(second->stop, 1U);
  EXPECT_EQ(second->wait, milliseconds(0));
  EXPECT_EQ(second->reason, "throttled");
  const auto third = way->after(throttled(), now_, kLong);
  EXPECT_EQ(third->stop, 0U);
  EXPECT_EQ(third->wait, milliseconds(500));
}

TEST_F(CourseTest, Fault_IsTriedOnceMoreBeforeGoingElsewhere) {
  const auto way = course({"am", "bn"});
  way->begin(now_);
  EXPECT_EQ(way->after(fault(), now_, kLong)->stop, 0U);
  EXPECT_EQ(way->after(fault(), now_, kLong)->stop, 1U);
}

TEST_F(CourseTest, ModelThatIsNotThere_GoesElsewhereOnly) {
  const auto alone = course({"am"});
  alone->begin(now_);
  EXPECT_FALSE(alone->after(no_model(), now_, kLong));
  const auto way = course({"am", "bn"});
  way->begin(now_);
  EXPECT_EQ(way->after(no_model(), now_, kLong)->stop, 1U);
  EXPECT_EQ(way->after(throttled(), now_, kLong)->stop, 1U);  // not the first, which cannot
}

TEST_F(CourseTest, SentAndSilent_IsNotSentAgainUnlessConfigured) {
  const auto way = course({"am", "bn"});
  way->begin(now_);
  EXPECT_FALSE(way->after(silent(), now_, kLong));
  settings_.retry.after_sent_timeout = true;
  const auto willing = course({"am", "bn"});
  willing->begin(now_);
  EXPECT_TRUE(willing->after(silent(), now_, kLong));
}

TEST_F(CourseTest, RefusedCredentials_AreTriedOnceMoreAtOnce) {
  const auto way = course({"am"});
  way->begin(now_);
  EXPECT_EQ(way->after(expired(), now_, kLong)->wait, milliseconds(0));
  EXPECT_FALSE(way->after(expired(), now_, kLong));
}

TEST_F(CourseTest, OneNumberOfAttempts_HoldsForAllTargets) {
  settings_.max_attempts = 4;
  const auto way = course({"am", "bm", "cm"});
  way->begin(now_);
  int attempts = 1;
  while (way->after(fault(), now_, kLong)) ++attempts;
  EXPECT_EQ(attempts, 4);
}

TEST_F(CourseTest, OpenBreaker_IsPassedOver_NeverTheLast) {
  open("am");
  const auto way = course({"am", "bn"});
  const auto step = way->begin(now_);
  EXPECT_EQ(step.stop, 1U);
  EXPECT_EQ(step.reason, "breaker_open");
  open("bn");
  EXPECT_EQ(course({"am", "bn"})->begin(now_).stop, 1U);
  EXPECT_EQ(course({"am"})->begin(now_).stop, 0U);
}

TEST_F(CourseTest, AfterItsRest_OneRequestProbes) {
  open("am");
  now_ += seconds(30);
  const auto probe = course({"am", "bn"});
  EXPECT_EQ(probe->begin(now_).stop, 0U);
  EXPECT_EQ(course({"am", "bn"})->begin(now_).stop, 1U);
  probe->succeeded();
  EXPECT_EQ(course({"am", "bn"})->begin(now_).stop, 0U);
}

TEST_F(CourseTest, DroppedProbe_LeavesRoomForAnother) {
  open("am");
  now_ += seconds(30);
  course({"am", "bn"})->begin(now_);
  EXPECT_EQ(course({"am", "bn"})->begin(now_).stop, 0U);
}

TEST_F(CourseTest, Conversation_StaysWhereItIsWhileHealthy) {
  EXPECT_EQ(course({"am", "bm"})->begin(now_, 1).stop, 1U);
  open("bm");
  EXPECT_EQ(course({"am", "bm"})->begin(now_, 1).stop, 0U);
}

TEST_F(CourseTest, NativeBody_GoesToPlacesOfItsModelOnly) {
  const auto way = course({"am", "bn", "cm"}, Reach::kSameModel);
  way->begin(now_);
  EXPECT_EQ(way->after(throttled(), now_, kLong)->stop, 2U);
}

TEST_F(CourseTest, RetryBudget_BoundsRetriesOfTheSameTargetButNotGoingElsewhere) {
  RetryBudget none({.percent = 20, .least = 0});
  Course alone(settings_, plan({"am"}), none, half);
  alone.begin(now_);
  EXPECT_FALSE(alone.after(throttled(), now_, kLong));
  Course way(settings_, plan({"am", "bn"}), none, half);
  way.begin(now_);
  EXPECT_EQ(way.after(throttled(), now_, kLong)->stop, 1U);
}

TEST(RetryBudget, FifthOfTheActive_MayBeRetries) {
  RetryBudget budget({.percent = 20, .least = 1});
  std::vector<RetryBudget::Share> requests;
  for (int i = 0; i < 10; ++i) requests.push_back(budget.begin_request());
  const auto first = budget.begin_retry();
  auto second = budget.begin_retry();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(budget.begin_retry());
  second = {};
  EXPECT_TRUE(budget.begin_retry());
  requests.clear();
  EXPECT_EQ(budget.active(), 0);
}

TEST_F(CourseTest, EmptyQuota_RetriesNothing) {
  int retried = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto way = course({"am"});
    way->begin(now_);
    while (way->after(throttled(), now_, kLong)) ++retried;
  }
  EXPECT_EQ(retried, 100);  // 500 units, 5 each
}

}  // namespace
}  // namespace caprock::gateway
