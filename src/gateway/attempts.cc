#include "gateway/attempts.h"

#include <boost/asio/this_coro.hpp>
#include <random>

#include "base/event.h"

namespace caprock::gateway {

using std::chrono::milliseconds;

namespace {

double random_unit() {
  static thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

milliseconds left_of(const base::RequestContext& context, base::MonoTime now) {
  if (context.deadline.at() == base::MonoTime::max()) return milliseconds::max();
  return std::chrono::floor<milliseconds>(context.deadline.at() - now);
}

/// Suspends, unless the request is cancelled.
base::Awaitable<void> pause(const base::RequestContext& context, std::stop_token reader, milliseconds span) {
  base::Event event(co_await boost::asio::this_coro::executor);
  const auto wake = [&event] { event.signal(); };
  const std::stop_callback cancelled(context.cancelled, wake);
  const std::stop_callback gone(std::move(reader), wake);
  std::ignore = co_await event.wait(span);
}

/// Its own time was up, or its reader gone. A model that was too slow has a cause.
bool ended_with_its_request(const base::Error& error) {
  return error.kind == base::ErrorKind::kCancelled ||
         (error.kind == base::ErrorKind::kDeadlineExceeded && error.cause == base::ErrorCause::kUnsaid);
}

}  // namespace

Attempts::Attempts(Parts parts)
    : parts_([&parts] {
        if (parts.random == nullptr) parts.random = random_unit;
        return parts;
      }()),
      budget_(parts.budget),
      affinity_(parts.affinity_time) {}

Attempts::Run::Run(Attempts& of, const base::RequestContext& context, const Ask& ask, CallTrace& trace,
                   std::shared_ptr<const Plan> plan)
    : of_(of),
      context_(context),
      conversation_(plan->has_twins ? ask.conversation : std::nullopt),
      trace_(trace),
      plan_(std::move(plan)),
      course_(of.parts_.course, plan_, of.budget_, of.parts_.random, ask.reach) {
  trace_.active = of.budget_.begin_request();
  const base::MonoTime now = of.parts_.clock.mono();
  take(course_.begin(now, conversation_ ? of.affinity_.find(*conversation_, now) : std::nullopt));
  wanted_ = step_.stop;
}

void Attempts::Run::take(const Course::Step& step) {
  step_ = step;
  trace_.target = plan_->stops[step.stop].state;
  trace_.attempts = course_.attempts();
  // Why it came here stays true when the same one is asked again.
  if (step.reason != "retry" || trace_.reason.empty()) trace_.reason = step.reason;
}

base::Awaitable<base::Result<void>> Attempts::Run::wait() {
  if (step_.wait > milliseconds(0)) {
    co_await pause(context_, trace_.reader, step_.wait);
    CAPROCK_CO_CHECK(context_.check());
  }
  co_return base::Result<void>{};
}

void Attempts::Run::answered() {
  course_.succeeded();
  if (conversation_ && plan_->stops[step_.stop].same_model)
    of_.affinity_.remember(*conversation_, step_.stop, of_.parts_.clock.mono());
}

bool Attempts::Run::failed(base::Error error) {
  const base::MonoTime now = of_.parts_.clock.mono();
  const bool final = ended_with_its_request(error) || trace_.reader.stop_requested();
  const Failure failure = read_failure(error);
  // Whoever asked for a model wants to know what was wrong with that one; and, of the others, nothing.
  if (!told_ || final || step_.stop == wanted_) told_ = std::move(error);
  if (final) {
    course_.abandoned(now);
    return false;
  }
  const auto step = course_.after(failure, now, left_of(context_, now));
  if (step) take(*step);
  return step.has_value();
}

base::Error Attempts::Run::error() {
  const Failure failure = read_failure(*told_);
  if (failure.attempt.kind == aws::FailureClass::kThrottling && !told_->retry_after)
    told_->retry_after = course_.patience();
  return *std::move(told_);
}

}  // namespace caprock::gateway
