#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "aws/credentials/assume_role_provider.h"
#include "aws/credentials/cached_credentials.h"
#include "aws/credentials/testing/provider_fixture.h"
#include "base/json/json_text.h"

namespace caprock::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr int kAccounts = 10;
constexpr int kLoops = 4;
constexpr int kCallers = 16;  ///< a loop

/// Ten accounts, each a role of its own, under load from several loops at once; the base credentials are
/// shared. STS is a server of ours that counts the calls of each account.
class AccountsTest : public testing::ProviderTest {
 public:
  ~AccountsTest() override {
    stop_load();
    work_.reset();
    for (const auto& account : accounts_) close(*account);
    close(*base_);
    home_thread_.join();
    http_.close_idle();
  }

 protected:
  AccountsTest() {
    serve([this](const std::string& request) { return sts(request); });
    refresh_.quick_pause = milliseconds(1);
    home_thread_ = std::jthread([this] { loop_.run(); });
    base_ = std::make_unique<CachedCredentials>("base", testing::fake_keys(), refresh_, clock_,
                                                loop_.get_executor());
    for (int i = 0; i < kAccounts; ++i)
      accounts_.push_back(std::make_unique<CachedCredentials>(
          "account" + std::to_string(i),
          assume_role_provider(tools_, lent(*base_), {.arn = "arn:account" + std::to_string(i) + ":"}),
          refresh_, clock_, loop_.get_executor()));
  }
  std::string sts(const std::string& request) {
    const std::size_t at = request.find("account");
    const int account = request.at(at + 7) - '0';
    const int call = ++calls_.at(static_cast<std::size_t>(account));
    if (sts_down_) return testing::reply(503, "");
    return testing::sts_reply("AssumeRole", "AK" + std::to_string(account) + "N" + std::to_string(call),
                              base::iso_time(clock_.wall() + minutes(60)));
  }

  /// Asks for an account's credentials again and again, as requests do.
  base::Awaitable<void> caller(int first) {
    for (int i = first; loading_; ++i) {
      const base::WallTime before = clock_.wall();
      const auto got = co_await accounts_[static_cast<std::size_t>(i % kAccounts)]->get(context_);
      ++asked_;
      if (!got || *(*got)->expires <= before) ++failed_;
      co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    }
  }
  void start_load() {
    for (int loop = 0; loop < kLoops; ++loop)
      load_.emplace_back([this, loop] {
        boost::asio::io_context own;
        for (int i = 0; i < kCallers; ++i)
          boost::asio::co_spawn(own, caller(loop + i), boost::asio::detached);
        own.run();
      });
  }
  void stop_load() {
    loading_ = false;
    load_.clear();
  }
  void close(CachedCredentials& cache) {
    boost::asio::io_context own;
    boost::asio::co_spawn(own, cache.close(), boost::asio::detached);
    own.run();
  }
  /// Lets the load go on until `done` holds and each account was asked for a while longer.
  template <class Done>
  void load_until(Done done) {
    while (!done()) std::this_thread::yield();
    const std::int64_t enough = asked_ + 20'000;
    while (asked_ < enough) std::this_thread::yield();
  }
  bool every_account_called(int times) const {
    return std::ranges::all_of(calls_, [&](const std::atomic<int>& calls) { return calls >= times; });
  }
  /// Every account has, and hands out, what STS gave since the clock was last moved.
  bool every_account_fresh() const {
    return std::ranges::all_of(accounts_, [&](const auto& account) {
      const CredentialStatus status = account->status();
      return status.expires && !status.last_error && *status.expires > clock_.wall() + minutes(59);
    });
  }
  void expect_calls(int times) const {
    for (const std::atomic<int>& calls : calls_) EXPECT_EQ(calls, times);
  }

  RefreshSettings refresh_;
  std::array<std::atomic<int>, kAccounts> calls_{};
  std::atomic<bool> sts_down_ = false;
  std::atomic<bool> loading_ = true;
  std::atomic<std::int64_t> asked_ = 0;
  std::atomic<std::int64_t> failed_ = 0;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  std::jthread home_thread_;
  std::unique_ptr<CachedCredentials> base_;
  std::vector<std::unique_ptr<CachedCredentials>> accounts_;
  std::vector<std::jthread> load_;
};

TEST_F(AccountsTest, ExpiryUnderLoad_IsOneStsCallPerAccountAndRefreshAndNoFailedRequest) {
  start_load();
  load_until([this] { return every_account_fresh(); });
  expect_calls(1);
  for (int refresh = 2; refresh <= 5; ++refresh) {
    clock_.advance(minutes(51));  // within the time of renewal, before the end
    load_until([this] { return every_account_fresh(); });
    expect_calls(refresh);
  }
  clock_.advance(minutes(61));  // beyond the end: everybody has to wait for the new ones
  load_until([this] { return every_account_fresh(); });
  stop_load();
  expect_calls(6);
  EXPECT_EQ(failed_, 0);
}

TEST_F(AccountsTest, StsDownWhileCredentialsHold_FailsNothing) {
  start_load();
  load_until([this] { return every_account_fresh(); });
  sts_down_ = true;
  clock_.advance(minutes(51));
  load_until([this] { return every_account_called(2); });
  clock_.advance(minutes(3));
  load_until([this] { return every_account_called(3); });
  EXPECT_EQ(failed_, 0);
  sts_down_ = false;
  // A pause after a failure is counted by the clock, which stands still.
  for (int second = 0; second < 40 && !every_account_fresh(); ++second) {
    clock_.advance(std::chrono::seconds(1));
    load_until([] { return true; });
  }
  load_until([this] { return every_account_fresh(); });
  clock_.advance(minutes(10));  // beyond the end of the first ones
  load_until([] { return true; });
  stop_load();
  EXPECT_EQ(failed_, 0);
}

}  // namespace
}  // namespace caprock::aws
