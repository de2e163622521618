#include "aws/credentials/cached_credentials.h"

#include <atomic>
#include <thread>

#include "aws/credentials/testing/provider_fixture.h"
#include "base/event.h"

namespace caprock::aws {
namespace {

using base::ErrorKind;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr base::WallTime kNow{seconds(1767323045)};

Credentials ending(base::WallTime expires, const std::string& id = "AK") {
  Credentials made = testing::some_keys(id);
  made.expires = expires;
  return made;
}

TEST(NextRefresh, IsBeforeTheEndAndEarlierByTheJitter) {
  const RefreshSettings settings;
  EXPECT_EQ(next_refresh(ending(kNow + hours(1)), kNow, settings, 0), kNow + minutes(50));
  EXPECT_EQ(next_refresh(ending(kNow + hours(1)), kNow, settings, 1), kNow + minutes(45));
}

TEST(NextRefresh, ShortCredentials_AreNeverAskedForInTheirFirstHalf) {
  for (const int left : {15 * 60, 60, 2})
    for (const double jitter : {0.0, 0.5, 1.0}) {
      const auto at = next_refresh(ending(kNow + seconds(left)), kNow, {}, jitter);
      EXPECT_GE(*at - kNow, milliseconds(left * 1000 / 2 - 1)) << left;
      EXPECT_LE(*at - kNow, milliseconds(left * 1000 * 2 / 3 + 1)) << left;
    }
}

TEST(NextRefresh, CredentialsWithoutEnd_AreReadAgainUnlessTheyAreFixed) {
  Credentials keys = testing::some_keys();
  EXPECT_EQ(next_refresh(keys, kNow, {}, 0), kNow + minutes(5));
  keys.fixed = true;
  EXPECT_FALSE(next_refresh(keys, kNow, {}, 0));
}

TEST(RetryPause, DoublesUpToItsMost) {
  EXPECT_EQ(retry_pause(1, {}, 1), seconds(1));
  EXPECT_EQ(retry_pause(1, {}, 0), milliseconds(500));
  EXPECT_EQ(retry_pause(4, {}, 1), seconds(8));
  EXPECT_EQ(retry_pause(1000, {}, 1), seconds(30));
}

/// A source whose answer and pace a test decides; it counts its calls.
struct Source {
  std::mutex mutex;
  std::function<base::Result<Fetched>()> answer;
  std::atomic<int> calls = 0;
  std::atomic<bool> hold = false;  ///< a fetch waits for this to end

  void answers(std::function<base::Result<Fetched>()> next) {
    const std::lock_guard lock(mutex);
    answer = std::move(next);
  }
};

class SlowProvider final : public CredentialProvider {
 public:
  explicit SlowProvider(Source& source) : source_(source) {}
  std::string name() const override { return "slow"; }
  base::Awaitable<base::Result<Fetched>> fetch(const base::RequestContext& context) override {
    ++source_.calls;
    while (source_.hold && context.check()) co_await base::sleep_for(milliseconds(1));
    CAPROCK_CO_CHECK(context.check());
    const std::lock_guard lock(source_.mutex);
    co_return source_.answer();
  }

 private:
  Source& source_;
};

base::Error down() { return base::Error(ErrorKind::kUnavailable, "sts is down"); }

class CachedCredentialsTest : public testing::ProviderTest {
 public:
  ~CachedCredentialsTest() override {
    source_.hold = false;
    run(close());
  }

 protected:
  CachedCredentialsTest() {
    refresh_.quick_pause = milliseconds(1);
    source_.answers([this] {
      return Fetched::some(ending(clock_.wall() + hours(1), "AK" + std::to_string(source_.calls)));
    });
    make();
  }
  void make() {
    cache_ = std::make_unique<CachedCredentials>("a", std::make_unique<SlowProvider>(source_), refresh_,
                                                 clock_, loop_.get_executor());
  }
  base::Awaitable<bool> close() {
    co_await cache_->close();
    co_return true;
  }
  base::Result<CachedCredentials::Pointer> get() { return run(cache_->get(context_)); }
  std::string id() {
    const auto got = get();
    return got ? (*got)->access_key_id : "error: " + got.error().message;
  }
  /// Lets the background run until it has fetched `calls` times.
  void until_calls(int calls) {
    while (source_.calls < calls) loop_.run_one_for(milliseconds(100));
    while (loop_.poll() != 0) {
    }
  }

  RefreshSettings refresh_;
  Source source_;
  std::unique_ptr<CachedCredentials> cache_;
};

TEST_F(CachedCredentialsTest, FirstGet_WaitsForTheFetchAndLaterOnesDoNot) {
  EXPECT_EQ(cache_->usable(), nullptr);
  EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(id(), "AK1");
  EXPECT_NE(cache_->usable(), nullptr);
  EXPECT_EQ(source_.calls, 1);
}

TEST_F(CachedCredentialsTest, NearTheEnd_TheOldOnesAreHandedOutWhileNewOnesCome) {
  id();
  source_.hold = true;
  clock_.advance(minutes(51));
  EXPECT_EQ(id(), "AK1");
  until_calls(2);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(id(), "AK1");
  source_.hold = false;
  while (cache_->status().access_key_id != "AK2") loop_.run_one_for(milliseconds(100));
  EXPECT_EQ(id(), "AK2");
  EXPECT_EQ(source_.calls, 2);
}

TEST_F(CachedCredentialsTest, IdleIdentity_IsNotRenewed) {
  id();
  clock_.advance(minutes(51));
  (void)id();
  until_calls(2);
  clock_.advance(hours(3));
  loop_.run_for(milliseconds(20));
  EXPECT_EQ(source_.calls, 2);
  EXPECT_EQ(id(), "AK3");
}

TEST_F(CachedCredentialsTest, RenewalThatFails_LeavesTheOldOnesUntilTheirHardEnd) {
  id();
  source_.answers([] { return base::failure(down()); });
  clock_.advance(minutes(51));
  EXPECT_EQ(id(), "AK1");
  until_calls(2);
  EXPECT_EQ(cache_->status().last_error->message, "sts is down");
  clock_.advance(minutes(8));
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(1));
  EXPECT_EQ(id(), "error: sts is down");
}

TEST_F(CachedCredentialsTest, FailingSource_IsLeftAloneForSomeSecondsAndThenAskedAgain) {
  source_.answers([] { return base::failure(base::Error(ErrorKind::kUpstream, "refused")); });
  EXPECT_EQ(id(), "error: refused");
  EXPECT_EQ(source_.calls, 1);
  EXPECT_EQ(id(), "error: refused");
  EXPECT_EQ(source_.calls, 1);
  source_.answers([] { return Fetched::some(testing::some_keys("NEW")); });
  clock_.advance(seconds(2));
  EXPECT_EQ(id(), "NEW");
}

TEST_F(CachedCredentialsTest, OutageThatMayPass_IsTriedThreeTimesWhileNothingIsUsable) {
  source_.answers([this]() -> base::Result<Fetched> {
    if (source_.calls < 3) return base::failure(down());
    return Fetched::some(testing::some_keys("THIRD"));
  });
  EXPECT_EQ(id(), "THIRD");
}

TEST_F(CachedCredentialsTest, NothingAnywhere_IsAnErrorThatSaysWhatWasTried) {
  source_.answers([] { return Fetched::nothing("environment (AWS_ACCESS_KEY_ID is not set)"); });
  const auto got = get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(got.error().message, HasSubstr("environment (AWS_ACCESS_KEY_ID is not set)"));
}

TEST_F(CachedCredentialsTest, CredentialsThatHaveEndedAlready_AreAnError) {
  source_.answers([this] { return Fetched::some(ending(clock_.wall())); });
  EXPECT_THAT(id(), HasSubstr("have ended"));
}

TEST_F(CachedCredentialsTest, ProviderThatThrows_IsAnErrorAndNotTheEnd) {
  source_.answers([]() -> base::Result<Fetched> { throw std::runtime_error("x"); });
  EXPECT_EQ(get().error().kind, ErrorKind::kInternal);
  source_.answers([] { return Fetched::some(testing::some_keys("NEW")); });
  clock_.advance(seconds(2));
  EXPECT_EQ(id(), "NEW");
}

TEST_F(CachedCredentialsTest, Refusal_LeadsToOneFetchAndNotToAStorm) {
  const CachedCredentials::Pointer first = get().value();
  cache_->reject(*first);  // fetched this moment: asking again would give the same
  EXPECT_EQ(id(), "AK1");
  clock_.advance(seconds(11));
  for (int i = 0; i < 5; ++i) cache_->reject(*first);
  EXPECT_EQ(id(), "AK2");
  cache_->reject(*first);  // an older answer's refusal
  EXPECT_EQ(id(), "AK2");
  EXPECT_EQ(source_.calls, 2);
}

TEST_F(CachedCredentialsTest, DeadlineAndCancellation_EndTheWait) {
  source_.hold = true;
  context_.deadline = base::Deadline::after(milliseconds(5));
  EXPECT_EQ(get().error().kind, ErrorKind::kDeadlineExceeded);
  context_.deadline = base::Deadline::never();
  std::stop_source stop;
  context_.cancelled = stop.get_token();
  std::jthread later([&] { stop.request_stop(); });
  EXPECT_EQ(get().error().kind, ErrorKind::kCancelled);
}

TEST_F(CachedCredentialsTest, Close_LetsWaitersGo) {
  source_.hold = true;
  std::optional<base::Result<CachedCredentials::Pointer>> answer;
  boost::asio::co_spawn(loop_, cache_->get(context_),
                        [&](std::exception_ptr, auto got) { answer.emplace(std::move(got)); });
  until_calls(1);
  run(close());
  while (!answer) loop_.run_one_for(milliseconds(100));
  EXPECT_FALSE(*answer);
}

TEST_F(CachedCredentialsTest, LentIdentity_IsFetchedOnceForAll) {
  const auto one = lent(*cache_);
  const auto two = lent(*cache_);
  EXPECT_EQ((*fetch(one))->access_key_id, "AK1");
  EXPECT_EQ((*fetch(two))->access_key_id, "AK1");
  EXPECT_EQ(source_.calls, 1);
}

}  // namespace
}  // namespace caprock::aws
