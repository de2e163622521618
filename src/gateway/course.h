#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "aws/retry.h"
#include "gateway/failure.h"
#include "gateway/plan.h"

namespace caprock::gateway {

/// How far from the target that was asked for a request may go.
enum class Reach : std::uint8_t {
  kAll,
  kSameModel,  ///< to other places of the model: a body that no other model understands
  kHere,       ///< nowhere: vectors of another model do not compare
};

struct CourseSettings {
  aws::RetrySettings retry;
  std::int64_t max_attempts = 6;  ///< at all targets together
};

/// The way of one request through its plan: who is asked first, and after each failure whether to ask again,
/// or another, or to give up. Pure but for the shared state of the targets: time comes in, nothing is waited
/// for. One thread at a time.
class Course {
 public:
  struct Step {
    std::size_t stop;                   ///< of the plan
    std::chrono::milliseconds wait{0};  ///< before the attempt
    std::string_view reason;            ///< why this one, a word
  };

  /// `random` gives numbers of [0, 1). All
  /// references must outlive it.
  Course(const CourseSettings& settings, std::shared_ptr<const Plan> plan, RetryBudget& budget,
         double (*random)(), Reach reach = Reach::kAll);
  ~Course();
  Course(const Course&) = delete;
  Course& operator=(const Course&) = delete;

  /// `preferred`: the stop where the conversation is, taken while it is healthy.
  Step begin(base::MonoTime now, std::optional<std::size_t> preferred = {});
  /// After a failed attempt; nothing when the failure is the answer. `left`: until the request's deadline.
  std::optional<Step> after(const Failure& failure, base::MonoTime now, std::chrono::milliseconds left);
  /// The attempt answered.
  void succeeded();
  /// It ended because the request did: cancelled, or out of time.
  void abandoned(base::MonoTime now);
  std::int64_t attempts() const { return attempts_; }
  /// For the `retry-after` of an error that has none: not sooner than we would try.
  std::chrono::seconds patience() const;

 private:
  struct Tries {
    std::optional<aws::Retries> retries;  ///< made with the first attempt there
    aws::AttemptFailure last = {};        ///< how the last one ended
    bool over = false;                    ///< it fails the same way every time
    bool again = false;                   ///< was asked twice
  };
  bool usable(std::size_t stop) const;
  std::optional<Step> another(base::MonoTime now, std::string_view reason);
  std::optional<Step> again(std::size_t stop, std::chrono::milliseconds left);
  std::optional<Step> round(base::MonoTime now, std::chrono::milliseconds left);
  Step go(std::size_t stop, std::chrono::milliseconds wait, std::string_view reason);
  TargetState& state(std::size_t stop) const { return *plan_->stops[stop].state; }

  const CourseSettings& settings_;
  const std::shared_ptr<const Plan> plan_;
  RetryBudget& budget_;
  double (*random_)();
  const Reach reach_;
  std::vector<Tries> tries_;  ///< by stop
  std::size_t at_ = 0;
  std::int64_t attempts_ = 0;
  RetryBudget::Share retrying_;
  bool told_ = true;  ///< the target of the last attempt knows how it ended
  base::MonoTime last_{};
};

}  // namespace caprock::gateway
