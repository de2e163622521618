#include "gateway/course.h"

#include <algorithm>
#include <cmath>

namespace caprock::gateway {

using aws::FailureClass;
using std::chrono::milliseconds;
using Step = Course::Step;

Course::Course(const CourseSettings& settings, std::shared_ptr<const Plan> plan, RetryBudget& budget,
               double (*random)(), Reach reach)
    : settings_(settings),
      plan_(std::move(plan)),
      budget_(budget),
      random_(random),
      reach_(reach),
      tries_(plan_->stops.size()) {}

// A request that is dropped while it is asked must not keep the probe of a breaker.
Course::~Course() {
  if (!told_) state(at_).abandoned(last_);
}

bool Course::usable(std::size_t stop) const {
  return stop == 0 || reach_ == Reach::kAll || (reach_ == Reach::kSameModel && plan_->stops[stop].same_model);
}

Step Course::go(std::size_t stop, milliseconds wait, std::string_view reason) {
  at_ = stop;
  ++attempts_;
  told_ = false;
  Tries& tries = tries_[stop];
  if (!tries.retries) tries.retries.emplace(settings_.retry, state(stop).quota(), random_);
  return {.stop = stop, .wait = wait, .reason = reason};
}

Step Course::begin(base::MonoTime now, std::optional<std::size_t> preferred) {
  last_ = now;
  if (preferred && *preferred < plan_->stops.size() && usable(*preferred) && state(*preferred).allow(now))
    return go(*preferred, {}, "affinity");
  std::size_t last = 0;
  for (std::size_t i = 0; i < plan_->stops.size(); ++i) {
    if (!usable(i)) continue;
    last = i;
    if (state(i).allow(now)) return go(i, {}, i == 0 ? "first" : "breaker_open");
  }
  // The last one is asked, whatever it did: an error of its own is better than one of ours.
  return go(last, {}, last == 0 ? "first" : "breaker_open");
}

void Course::succeeded() {
  told_ = true;
  retrying_ = {};
  tries_[at_].retries->succeeded();
  state(at_).succeeded();
}

void Course::abandoned(base::MonoTime now) {
  told_ = true;
  retrying_ = {};
  state(at_).abandoned(now);
}

std::optional<Step> Course::another(base::MonoTime now, std::string_view reason) {
  for (std::size_t i = 0; i < plan_->stops.size(); ++i)
    if (usable(i) && !tries_[i].retries && state(i).allow(now)) return go(i, {}, reason);
  return std::nullopt;
}

std::optional<Step> Course::again(std::size_t stop, milliseconds left) {
  if (tries_[stop].over) return std::nullopt;
  RetryBudget::Share share = budget_.begin_retry();
  if (!share) return std::nullopt;
  const auto wait = tries_[stop].retries->after(tries_[stop].last, left);
  if (!wait) return std::nullopt;
  retrying_ = std::move(share);
  tries_[stop].again = true;
  return go(stop, *wait, "retry");
}

/// Everybody was asked: from the front again, of those that may do better next time.
std::optional<Step> Course::round(base::MonoTime now, milliseconds left) {
  const bool alone = std::ranges::count_if(tries_, [](const Tries& t) { return t.retries && !t.over; }) < 2;
  for (std::size_t i = 0; i < plan_->stops.size(); ++i)
    if (tries_[i].retries && !tries_[i].over && (alone || state(i).would_allow(now)))
      if (auto step = again(i, left)) return step;
  return std::nullopt;
}

std::optional<Step> Course::after(const Failure& failure, base::MonoTime now, milliseconds left) {
  last_ = now;
  told_ = true;
  retrying_ = {};
  if (failure.counts_for_breaker)
    state(at_).failed(now, failure.reason);
  else
    state(at_).succeeded();  // it answered
  tries_[at_].last = failure.attempt;
  const FailureClass kind = failure.attempt.kind;
  if (kind == FailureClass::kPermanent) tries_[at_].over = true;
  const auto most = plan_->stops.size() == 1 ? settings_.retry.max_attempts : settings_.max_attempts;
  if (attempts_ >= most || left <= milliseconds(0)) return std::nullopt;
  // It may have been done, and paid for: not here again, and nowhere else.
  if (failure.attempt.sent_timeout && !settings_.retry.after_sent_timeout) return std::nullopt;
  // A single fault is often gone at once, and the first target is the one that was wanted; a target that
  // has no room now has none in a moment either.
  const bool worth_it = kind == FailureClass::kTransient && !tries_[at_].again && state(at_).would_allow(now);
  const bool corrected = kind == FailureClass::kCredentials || kind == FailureClass::kClockSkew;
  if (worth_it || corrected)
    if (auto step = again(at_, left)) return step;
  if (corrected) tries_[at_].over = true;
  if (!failure.elsewhere) return std::nullopt;
  if (auto step = another(now, failure.reason)) return step;
  return round(now, left);
}

std::chrono::seconds Course::patience() const {
  const double doubled = std::ldexp(static_cast<double>(settings_.retry.throttling_base.count()),
                                    static_cast<int>(std::min<std::int64_t>(attempts_, 20)) - 1);
  const double most = static_cast<double>(settings_.retry.max_backoff.count());
  return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(
                                               milliseconds(std::llround(std::min(doubled, most)))));
}

}  // namespace caprock::gateway
