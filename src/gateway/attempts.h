#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/awaitable.h"
#include "base/context.h"
#include "gateway/affinity.h"
#include "gateway/call_trace.h"
#include "gateway/course.h"
#include "gateway/plan.h"

namespace caprock::gateway {

/// One way of asking a target, whatever comes back: a chat stream whose first event is there, vectors, a
/// native answer. An error must be final: nothing of a reply that fails may have gone to a client.
template <class Reply>
class Attempt {
 public:
  virtual ~Attempt() = default;
  /// One attempt. May be called again after it failed, so it keeps what it asks with.
  virtual base::Awaitable<base::Result<Reply>> make(const base::RequestContext& context,
                                                    const Target& target) = 0;
};

/// Everything that attempts share: plans, breakers, quotas, the retry budget, where conversations are. Any
/// thread.
class Attempts {
 public:
  struct Parts {
    Planner& planner;
    const base::Clock& clock;
    CourseSettings course;
    RetryBudgetSettings budget;
    std::chrono::milliseconds affinity_time{300'000};
    double (*random)() = nullptr;  ///< of [0, 1); null: the real one
  };
  explicit Attempts(Parts parts);

  struct Ask {
    std::string model;  ///< as the client named it
    Reach reach = Reach::kAll;
    std::optional<std::uint64_t> conversation = {};  ///< conversation_of(…)
  };

  /// Asks the targets of `ask.model` by `attempt` until one answers, within the request's deadline and
  /// attempts. `trace` is told of every attempt. Errors: of the target that was wanted; kNotFound with field
  /// "model" when there is none; kCancelled and kDeadlineExceeded.
  template <class Reply>
  base::Awaitable<base::Result<Reply>> run(const base::RequestContext& context, Ask ask,
                                           Attempt<Reply>& attempt, CallTrace& trace);
  /// A plan with two places of one model: worth the look at what conversation it is.
  base::Result<std::shared_ptr<const Plan>> plan(const std::string& model) {
    return parts_.planner.plan(model);
  }
  const base::Clock& clock() const { return parts_.clock; }

 private:
  /// The bookkeeping of one run, outside the template.
  class Run {
   public:
    Run(Attempts& of, const base::RequestContext& context, const Ask& ask, CallTrace& trace,
        std::shared_ptr<const Plan> plan);
    base::Awaitable<base::Result<void>> wait();
    const Target& target() const { return trace_.target->target(); }
    void answered();
    /// Whether there is another step.
    bool failed(base::Error error);
    base::Error error();

   private:
    void take(const Course::Step& step);
    Attempts& of_;
    const base::RequestContext& context_;
    const std::optional<std::uint64_t> conversation_;
    CallTrace& trace_;
    const std::shared_ptr<const Plan> plan_;
    Course course_;
    Course::Step step_{};
    std::size_t wanted_;  ///< the stop that was asked first
    std::optional<base::Error> told_;
  };

  const Parts parts_;
  RetryBudget budget_;
  Affinity affinity_;
};

template <class Reply>
base::Awaitable<base::Result<Reply>> Attempts::run(const base::RequestContext& context, Ask ask,
                                                   Attempt<Reply>& attempt, CallTrace& trace) {
  CAPROCK_CO_CHECK(context.check());
  CAPROCK_CO_TRY(auto plan, parts_.planner.plan(ask.model));
  Run run(*this, context, ask, trace, std::move(plan));
  while (true) {
    CAPROCK_CO_CHECK(co_await run.wait());
    auto reply = co_await attempt.make(context, run.target());
    if (reply) {
      run.answered();
      co_return std::move(*reply);
    }
    if (!run.failed(std::move(reply).error())) break;
  }
  co_return base::failure(run.error());
}

}  // namespace caprock::gateway
