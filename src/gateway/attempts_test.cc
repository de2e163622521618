#include "gateway/attempts.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <thread>

namespace caprock::gateway {
namespace {

using base::Error;
using base::ErrorCause;
using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;

double never_waits() { return 0; }

Error throttled() { return Error(ErrorKind::kRateLimited, "slow down").with_cause(ErrorCause::kThrottled); }
Error fault() { return Error(ErrorKind::kUpstream, "fault").with_cause(ErrorCause::kServiceFault); }

/// Fails as told for each target, then answers with the target's id.
class Scripted final : public Attempt<std::string> {
 public:
  std::map<std::string, std::deque<Error>> failures;
  std::vector<std::string> asked;
  base::Awaitable<Result<std::string>> make(const base::RequestContext&, const Target& target) override {
    asked.push_back(target.id);
    auto& left = failures[target.id];
    if (left.empty()) co_return target.id;
    Error error = left.front();
    left.pop_front();
    co_return base::failure(std::move(error));
  }
};

Result<Target> find(const std::string& id) {
  if (id.starts_with("nobody")) return base::failure(base::not_found("nobody").with_field("model"));
  const auto slash = id.find('/');
  return Target{
      .id = id, .provider = id.substr(0, slash), .account = "", .region = "", .model = id.substr(slash + 1)};
}

class AttemptsTest : public ::testing::Test {
 protected:
  void make(const std::vector<std::string>& fallback = {}, const std::vector<std::string>& aliases = {}) {
    FallbackSettings settings;
    settings.models = fallback;
    planner_ =
        std::make_unique<Planner>(*Routes::make({.aliases = aliases}, settings), "a/default", find, states_);
    attempts_ = std::make_unique<Attempts>(Attempts::Parts{
        .planner = *planner_, .clock = clock_, .course = {}, .budget = {}, .random = never_waits});
  }
  Result<std::string> run(Scripted& script, Attempts::Ask ask) {
    boost::asio::io_context loop;
    Result<std::string> out;
    trace_ = {};
    boost::asio::co_spawn(loop, attempts_->run<std::string>(context_, std::move(ask), script, trace_),
                          [&](std::exception_ptr thrown, Result<std::string> outcome) {
                            EXPECT_FALSE(thrown);
                            out = std::move(outcome);
                          });
    loop.run();
    return out;
  }

  base::ManualClock clock_;
  TargetStates states_{{}, 500, base::null_metrics()};
  std::unique_ptr<Planner> planner_;
  std::unique_ptr<Attempts> attempts_;
  base::RequestContext context_;
  CallTrace trace_;
};

TEST_F(AttemptsTest, NoModel_IsTheDefault) {
  make();
  Scripted script;
  EXPECT_EQ(*run(script, {.model = ""}), "a/default");
  EXPECT_EQ(trace_.route(), "a/default; reason=first; attempts=1");
}

TEST_F(AttemptsTest, OneFault_IsTriedAgain) {
  make();
  Scripted script;
  script.failures["a/m"] = {fault()};
  EXPECT_EQ(*run(script, {.model = "a/m"}), "a/m");
  EXPECT_EQ(trace_.route(), "a/m; reason=first; attempts=2");
}

TEST_F(AttemptsTest, NobodyServesTheModel_ItsErrorIsTheAnswer) {
  make();
  Scripted script;
  EXPECT_EQ(run(script, {.model = "nobody/m"}).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(script.asked.empty());
}

TEST_F(AttemptsTest, NobodyServesTheFirst_TheNextAnswers) {
  make({}, {"x = nobody/m, b/n"});
  Scripted script;
  EXPECT_EQ(*run(script, {.model = "x"}), "b/n");
}

TEST_F(AttemptsTest, EverybodyFails_TheErrorIsOfTheWanted) {
  make({"b/n"});
  Scripted script;
  script.failures["a/m"] = {throttled(), throttled(), throttled()};
  script.failures["b/n"] = {base::not_found("no n").with_field("model")};
  const auto outcome = run(script, {.model = "a/m"});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "slow down");
  EXPECT_GE(outcome.error().retry_after->count(), 1);
  EXPECT_EQ(script.asked, (std::vector<std::string>{"a/m", "b/n", "a/m", "a/m"}));
}

TEST_F(AttemptsTest, ConversationThatWasMoved_StaysWhileItsPromptIsCached) {
  make({}, {"x = a/m, b/m, c/other"});
  const Attempts::Ask ask{.model = "x", .conversation = 7};
  Scripted script;
  script.failures["a/m"] = {throttled()};
  EXPECT_EQ(*run(script, ask), "b/m");
  EXPECT_EQ(*run(script, ask), "b/m");
  EXPECT_EQ(trace_.reason, "affinity");
  EXPECT_EQ(*run(script, {.model = "x", .conversation = 8}), "a/m");
  clock_.advance(std::chrono::minutes(5));
  EXPECT_EQ(*run(script, ask), "a/m");
}

TEST_F(AttemptsTest, ConversationAtAnotherModel_ComesBack) {
  make({}, {"x = a/m, b/m, c/other"});
  const Attempts::Ask ask{.model = "x", .conversation = 7};
  Scripted script;
  script.failures["a/m"] = {throttled()};
  script.failures["b/m"] = {throttled()};
  EXPECT_EQ(*run(script, ask), "c/other");
  EXPECT_EQ(*run(script, ask), "a/m");
}

TEST_F(AttemptsTest, CancelledCall_IsTheEnd) {
  make({"b/n"});
  Scripted script;
  script.failures["a/m"] = {Error(ErrorKind::kCancelled, "gone")};
  EXPECT_EQ(run(script, {.model = "a/m"}).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(script.asked.size(), 1U);
}

TEST_F(AttemptsTest, ManyThreads_ShareStatesAndPlans) {
  make({"b/n"}, {"x = a/m, b/m"});
  std::vector<std::jthread> threads;
  std::atomic<int> answered = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      boost::asio::io_context loop;
      Scripted script;
      std::deque<CallTrace> traces;
      for (int i = 0; i < 200; ++i) {
        if (i % 3 == 0) script.failures["a/m"].push_back(fault());
        boost::asio::co_spawn(
            loop,
            attempts_->run<std::string>(context_,
                                        {.model = i % 2 == 0 ? "x" : "a/m" + std::to_string(i),
                                         .conversation = static_cast<std::uint64_t>(t * 8 + i % 8)},
                                        script, traces.emplace_back()),
            [&](const std::exception_ptr&, const Result<std::string>& outcome) {
              answered += outcome ? 1 : 0;
            });
        loop.run();
        loop.restart();
      }
    });
  threads.clear();
  EXPECT_EQ(answered, 800);
}

}  // namespace
}  // namespace caprock::gateway
