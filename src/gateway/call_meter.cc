#include "gateway/call_meter.h"

#include <fmt/format.h>

#include "gateway/failure.h"

namespace caprock::gateway {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kError:
      return "error";
    case Outcome::kTimeout:
      return "timeout";
    case Outcome::kClientGone:
      return "client_gone";
    case Outcome::kBroken:
      return "broken";
  }
  return "error";
}

std::string CallTrace::route() const {
  if (!target) return {};
  return fmt::format("{}; reason={}; attempts={}", target->target().id, reason, attempts);
}

CallMeter::CallMeter(std::shared_ptr<UsageSink> sink, const base::Clock& clock,
                     const base::RequestContext& context, std::string_view surface,
                     std::string_view operation, std::string model)
    : sink_(std::move(sink)),
      clock_(clock),
      began_(clock.mono()),
      cancelled_(context.cancelled),
      deadline_(context.deadline) {
  record_.at = clock.wall();
  record_.request_id = context.request_id;
  record_.trace_id = context.trace.trace_id;
  record_.principal = context.principal;
  record_.surface = surface;
  record_.operation = operation;
  record_.model_asked = std::move(model);
}

// A reply that nobody reads to its end: the reader has gone, or had enough.
CallMeter::~CallMeter() {
  if (!ended_) finish(Outcome::kClientGone, base::traits(base::ErrorKind::kCancelled).name);
}

void CallMeter::event() {
  if (!record_.first_event) record_.first_event = clock_.mono() - began_;
}

void CallMeter::used(const llm::Usage& usage, bool whole) {
  record_.usage = usage;
  record_.usage_known = whole;
}

void CallMeter::end() {
  // A whole reply that was read for nobody.
  if (gone_ || cancelled_.stop_requested())
    return finish(Outcome::kClientGone, base::traits(base::ErrorKind::kCancelled).name);
  finish(Outcome::kOk, {});
}

void CallMeter::end(const base::Error& error) {
  if (ended_) return;
  const Failure failure = read_failure(error);
  // The time-out of a request comes as a cancellation too.
  const bool late = clock_.mono() >= deadline_.at() || (error.kind == base::ErrorKind::kDeadlineExceeded &&
                                                        error.cause == base::ErrorCause::kUnsaid);
  const bool gone = gone_ || error.kind == base::ErrorKind::kCancelled || cancelled_.stop_requested();
  if (late) return finish(Outcome::kTimeout, base::traits(base::ErrorKind::kDeadlineExceeded).name);
  if (gone) return finish(Outcome::kClientGone, base::traits(base::ErrorKind::kCancelled).name);
  if (!record_.first_event) return finish(Outcome::kError, failure.reason);
  // Attempts are judged until their first event; what comes after is the target's doing as well.
  if (trace_.target && failure.counts_for_breaker) trace_.target->failed(clock_.mono(), failure.reason);
  finish(Outcome::kBroken, failure.reason);
}

void CallMeter::finish(Outcome outcome, std::string_view error) {
  if (std::exchange(ended_, true)) return;
  record_.latency = clock_.mono() - began_;
  record_.outcome = outcome;
  record_.error = error;
  record_.reason = trace_.reason;
  record_.attempts = trace_.attempts;
  if (trace_.target) {
    const Target& target = trace_.target->target();
    record_.target = target.id;
    record_.provider = target.provider;
    record_.account = target.account;
    record_.region = target.region;
    record_.model = target.model;
  }
  trace_.active = {};
  sink_->record(record_);
}

}  // namespace caprock::gateway
