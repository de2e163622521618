#include "aws/credentials/cached_credentials.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <random>
#include <vector>

#include "base/event.h"
#include "base/json/json_text.h"
#include "base/log.h"
#include "base/task_group.h"

namespace caprock::aws {
namespace {

namespace asio = boost::asio;
using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::RequestContext;
using base::Result;
using base::WallTime;
using std::chrono::nanoseconds;

/// The longest sleep between two looks at the clock: time may be set, machines are suspended.
constexpr std::chrono::seconds kGlance{30};

double random_jitter() {
  thread_local std::minstd_rand source(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(source);
}

}  // namespace

struct CachedCredentials::State {
  State(std::string account, std::unique_ptr<CredentialProvider> from, RefreshSettings how,
        const base::Clock& time, const asio::any_io_executor& home_loop, base::MetricRegistry& metrics)
      : name(std::move(account)),
        provider(std::move(from)),
        settings(how),
        clock(time),
        home(home_loop),
        fetched(outcome_counter(metrics, "ok")),
        failed(outcome_counter(metrics, "failed")),
        wake(home_loop),
        tasks(home_loop) {}

  base::Counter& outcome_counter(base::MetricRegistry& metrics, const char* outcome) const {
    return metrics.counter("caprock_aws_credential_fetches_total", "Fetches of AWS credentials",
                           {{"account", name}, {"outcome", outcome}});
  }

  bool holds_usable(WallTime now) const {
    return current && !rejected && (!current->expires || now < *current->expires);
  }
  bool due(WallTime now) const { return refresh_at && now >= *refresh_at && now >= retry_at; }

  /// Credentials if there are any to hand out; wakes the fetcher when they should be renewed.
  Pointer take() {
    bool signal = false;
    Pointer taken;
    {
      const std::lock_guard lock(mutex);
      const WallTime now = clock.wall();
      if (!holds_usable(now)) return nullptr;
      used = true;
      signal = due(now) && !woken;
      woken = woken || signal;
      taken = current;
    }
    if (signal) wake.signal();
    return taken;
  }

  /// How long the fetcher may sleep; zero when it has to fetch now. Called by the fetcher only.
  nanoseconds pause() {
    const std::lock_guard lock(mutex);
    woken = false;
    const WallTime now = clock.wall();
    const auto at_most = [&](WallTime until) { return std::min<nanoseconds>(until - now, kGlance); };
    if (now < retry_at) return at_most(retry_at);
    if (!holds_usable(now)) return waiters.empty() && !rejected ? nanoseconds(kGlance) : nanoseconds(0);
    if (!refresh_at) return kGlance;
    if (now < *refresh_at) return at_most(*refresh_at);
    return used ? nanoseconds(0) : nanoseconds(kGlance);
  }

  /// The one fetcher, for as long as the identity lives. It shares the state: it may end after its owner.
  static Awaitable<void> keep_fresh(std::shared_ptr<State> state, std::stop_token stop) {
    const std::stop_callback stopped(stop, [&state] { state->wake.signal(); });
    while (!stop.stop_requested()) {
      const nanoseconds span = state->pause();
      if (span > nanoseconds(0))
        co_await state->wake.wait(span);
      else
        co_await state->refresh(stop);
    }
    state->close();
    state->settle(failure(Error(ErrorKind::kCancelled, "the server is shutting down")));
  }

  void close() {
    const std::lock_guard lock(mutex);
    closed = true;
  }

  Awaitable<void> refresh(std::stop_token stop) {
    RequestContext context = base::background_context(base::TenantId("default"), stop);
    context.deadline = base::Deadline::after(settings.fetch_timeout);
    for (int attempt = 1;; ++attempt) {
      Result<Fetched> answer = co_await fetch(context);
      const bool again = !answer && answer.error().kind == ErrorKind::kUnavailable &&
                         attempt < settings.quick_attempts && context.check() && nothing_usable();
      if (!again) co_return settle(std::move(answer));
      co_await base::sleep_for(settings.quick_pause * attempt);
    }
  }

  bool nothing_usable() const {
    const std::lock_guard lock(mutex);
    return !holds_usable(clock.wall());
  }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) {
    try {
      co_return co_await provider->fetch(context);
    } catch (const std::exception& e) {
      co_return failure(base::internal_error(std::string("a credential provider threw: ") + e.what()));
    }
  }

  /// Takes the outcome of a fetch and lets everybody go who waits for it.
  void settle(Result<Fetched> answer) {
    if (answer && !*answer)
      answer = failure(Error(ErrorKind::kUnavailable, "no AWS credentials: " + answer->because()));
    if (answer && (*answer)->expires && *(*answer)->expires <= clock.wall())
      answer =
          failure(Error(ErrorKind::kUpstream, "the AWS credentials of " + (*answer)->source +
                                                  " have ended already; is this machine's clock right?"));
    (answer ? fetched : failed).add();
    bool news = false;
    {
      const std::lock_guard lock(mutex);
      news = answer ? accept(std::move(**answer)) : note_failure(answer.error());
      rejected = false;
      ++fetches;
      for (base::Event* waiter : waiters) waiter->signal();
      waiters.clear();
    }
    if (news) report();
  }

  /// True when it is worth a line of the log. Locked.
  bool accept(Credentials fresh) {
    const WallTime now = clock.wall();
    const bool news = !current || !same_secret(*current, fresh) || failures != 0;
    refresh_at = next_refresh(fresh, now, settings, random_jitter());
    retry_at = WallTime::min();
    fetched_at = now;
    used = false;
    failures = 0;
    last_error.reset();
    current = std::make_shared<const Credentials>(std::move(fresh));
    return news;
  }

  bool note_failure(Error error) {
    const WallTime now = clock.wall();
    ++failures;
    retry_at = now + retry_pause(failures, settings, random_jitter());
    fetched_at = now;
    last_error = std::move(error);
    return last_error->kind != ErrorKind::kCancelled;
  }

  void report() const {
    const CredentialStatus now = status();
    const std::string until = now.expires ? base::iso_time(*now.expires) : std::string("never");
    if (!now.last_error)
      return base::log(base::LogLevel::kInfo, "AWS credentials fetched",
                       {{"account", name}, {"source", now.source}, {"expires", until}});
    const base::RequestContext context = base::background_context(base::TenantId("default"));
    base::log_error(context, now.source.empty() ? "no AWS credentials" : "AWS credentials not renewed",
                    *now.last_error);
  }

  CredentialStatus status() const {
    const std::lock_guard lock(mutex);
    CredentialStatus made;
    if (current) made = {current->source, current->access_key_id, current->expires, {}};
    made.last_error = last_error;
    return made;
  }

  const std::string name;
  const std::unique_ptr<CredentialProvider> provider;
  const RefreshSettings settings;
  const base::Clock& clock;
  const asio::any_io_executor home;
  base::Counter& fetched;
  base::Counter& failed;

  mutable std::mutex mutex;  ///< guards what follows, up to `wake`
  Pointer current;
  bool rejected = false;  ///< AWS does not take `current` any more
  bool used = false;      ///< since it was fetched
  bool closed = false;    ///< nobody fetches any more
  bool woken = false;     ///< a signal is on its way to the fetcher
  std::optional<WallTime> refresh_at;
  WallTime retry_at = WallTime::min();    ///< no fetch before
  WallTime fetched_at = WallTime::min();  ///< end of the last one
  int failures = 0;                       ///< in a row
  std::uint64_t fetches = 0;              ///< that ended
  std::optional<Error> last_error;
  std::vector<base::Event*> waiters;

  base::Event wake;
  base::TaskGroup tasks;
};

namespace {

/// A waiter's place in the list, given back when its coroutine goes, however it goes.
template <class State>
class Place {
 public:
  Place(State& state, base::Event& event) : state_(state), event_(event) {}
  ~Place() {
    const std::lock_guard lock(state_.mutex);
    std::erase(state_.waiters, &event_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  State& state_;
  base::Event& event_;
};

nanoseconds until(const base::Deadline& deadline) {
  const base::MonoTime now = base::system_clock().mono();
  if (deadline.at() <= now) return nanoseconds(0);
  return std::min<nanoseconds>(deadline.at() - now, kGlance);
}

}  // namespace

CachedCredentials::CachedCredentials(std::string name, std::unique_ptr<CredentialProvider> provider,
                                     RefreshSettings settings, const base::Clock& clock,
                                     asio::any_io_executor home, base::MetricRegistry& metrics)
    : state_(std::make_shared<State>(std::move(name), std::move(provider), settings, clock, home, metrics)) {
  // A task group is its executor's own; this may be another thread.
  asio::post(home, [state = state_] {
    state->tasks.spawn("aws credentials",
                       [state](std::stop_token stop) { return State::keep_fresh(state, stop); });
  });
}

CachedCredentials::~CachedCredentials() { state_->tasks.request_stop(); }

CachedCredentials::Pointer CachedCredentials::usable() { return state_->take(); }

Awaitable<Result<CachedCredentials::Pointer>> CachedCredentials::get(const RequestContext& context) {
  const std::shared_ptr<State> state = state_;
  if (Pointer ready = state->take()) co_return ready;
  base::Event event(co_await asio::this_coro::executor);
  const Place<State> place(*state, event);
  std::uint64_t seen = 0;
  {
    const std::lock_guard lock(state->mutex);
    const WallTime now = state->clock.wall();
    // They may have come between the look above and this lock, and nobody would signal again.
    if (state->holds_usable(now)) co_return state->current;
    // A source that has just failed is left alone; whoever comes meanwhile learns why.
    if (state->last_error && (now < state->retry_at || state->closed)) co_return failure(*state->last_error);
    seen = state->fetches;
    state->waiters.push_back(&event);
  }
  state->wake.signal();
  const std::stop_callback cancelled(context.cancelled, [&event] { event.signal(); });
  while (true) {
    CAPROCK_CO_CHECK(context.check());
    (void)co_await event.wait(until(context.deadline));
    const std::lock_guard lock(state->mutex);
    if (state->fetches == seen) continue;
    if (state->holds_usable(state->clock.wall())) co_return state->current;
    co_return failure(state->last_error.value_or(base::internal_error("credentials ended as they came")));
  }
}

void CachedCredentials::reject(const Credentials& refused) {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->current || !same_secret(*state_->current, refused)) return;
    if (state_->clock.wall() < state_->fetched_at + state_->settings.reject_interval) return;
    state_->rejected = true;
    state_->retry_at = WallTime::min();
  }
  state_->wake.signal();
}

CredentialStatus CachedCredentials::status() const { return state_->status(); }

Awaitable<void> CachedCredentials::close() {
  const std::shared_ptr<State> state = state_;
  state->tasks.request_stop();
  co_await asio::co_spawn(state->home, state->tasks.join(), asio::use_awaitable);
}

namespace {

class Lent final : public CredentialProvider {
 public:
  explicit Lent(CachedCredentials& from) : from_(from) {}
  std::string name() const override { return "shared credentials"; }
  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    CAPROCK_CO_TRY(const CachedCredentials::Pointer credentials, co_await from_.get(context));
    co_return Fetched::some(*credentials);
  }

 private:
  CachedCredentials& from_;
};

}  // namespace

std::unique_ptr<CredentialProvider> lent(CachedCredentials& from) { return std::make_unique<Lent>(from); }

}  // namespace caprock::aws
