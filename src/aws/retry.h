#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/settings.h"

/// Whether and when an attempt is made again: the standard retries of AWS's SDKs, version 2.1
/// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html; botocore/retries). Pure: the
/// loop, and the time that passes in it, stand in the gateway.
namespace caprock::aws {

enum class FailureClass : std::uint8_t {
  kPermanent,   ///< the same request fails the same way
  kTransient,   ///< the service or the way to it had a fault
  kThrottling,  ///< too much at once
  kClockSkew,  ///< the signature's time, or the signature itself: worth one more try if ClockSkew::learn says
               ///< so
  kCredentials,  ///< expired or not known (yet): worth one more try with fresh ones
};

/// Of an error that was answered. `code` is as in `x-amzn-errortype`, or the type of an exception in an event
/// stream, which begins in lower case; what follows a ':' or comes before a '#' does not matter. Status 0:
/// unknown, as within a stream.
FailureClass classify_failure(int status, std::string_view code);
/// "ThrottlingException" of "com.amazon#ThrottlingException:http://…".
std::string_view error_code(std::string_view errortype);
/// The value of `x-amz-retry-after`; nothing when it is no number of milliseconds.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text);

/// `[retry]`. DynamoDB's own numbers are a base of 25 ms and four attempts.
struct RetrySettings {
  std::int64_t max_attempts = 3;  ///< with the first; 1 means never again
  std::chrono::milliseconds base{50};
  std::chrono::milliseconds throttling_base{1'000};
  std::chrono::milliseconds max_backoff{20'000};
  int capacity = 500;  ///< of a quota, in units that the next three are in
  int cost = 14;
  int throttling_cost = 5;
  int success_refund = 1;
  /// A request that was sent whole and not answered in time may have done its work, and has cost money: once
  /// more only when the operator says so.
  bool after_sent_timeout = false;
  base::SettingsSection describe();
};

/// What is left for retries of one (account, region, model). Retries take from it, successes give back, time
/// does not: in an outage it stays empty, and retries make nothing worse. Any thread.
class RetryQuota {
 public:
  explicit RetryQuota(int capacity) : capacity_(capacity), available_(capacity) {}
  bool take(int amount);  ///< nothing is taken when there is less
  void give(int amount);  ///< never beyond the capacity
  int available() const { return available_.load(std::memory_order_relaxed); }
  bool full() const { return available() == capacity_; }

 private:
  const int capacity_;
  std::atomic<int> available_;
};

/// The quotas of everything that is called. Names come from requests, so their number is bounded: full quotas
/// that nobody holds are forgotten, which changes nothing, and what is too many shares one. Any thread.
class RetryQuotas {
 public:
  explicit RetryQuotas(int capacity = RetrySettings().capacity, std::size_t max_names = 4096);
  std::shared_ptr<RetryQuota> of(std::string_view account, std::string_view region, std::string_view model);
  std::size_t names() const;

 private:
  const int capacity_;
  const std::size_t max_names_;
  std::shared_ptr<RetryQuota> shared_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<RetryQuota>> quotas_;
};

/// How an attempt ended, as far as the decision needs it.
struct AttemptFailure {
  FailureClass kind = FailureClass::kPermanent;
  bool sent_timeout = false;    ///< the request was sent whole and the answer did not come in time
  bool reached_client = false;  ///< a byte of the answer has gone to the client: nothing can be taken back
  bool corrected = false;       ///< kClockSkew: the clock was; kCredentials: there are other ones now
  std::optional<std::chrono::milliseconds> retry_after = {};
};

/// The retries of one request. One thread at a time.
class Retries {
 public:
  /// `random` gives numbers of [0, 1).
  Retries(const RetrySettings& settings, std::shared_ptr<RetryQuota> quota, std::function<double()> random);

  /// How long to wait before the next attempt, or nothing when the failure is the request's answer. `left` is
  /// the time until the request's deadline: a wait that would take all of it is not begun.
  std::optional<std::chrono::milliseconds> after(const AttemptFailure& failure,
                                                 std::chrono::milliseconds left);
  /// To be called when the request ends well. Gives back what the last retry took, or a little.
  void succeeded();
  std::int64_t attempts() const { return attempts_; }  ///< begun so far

 private:
  bool may_retry(const AttemptFailure& failure) const;
  std::chrono::milliseconds backoff(const AttemptFailure& failure) const;

  const RetrySettings settings_;
  std::shared_ptr<RetryQuota> quota_;
  std::function<double()> random_;
  std::int64_t attempts_ = 1;
  int taken_ = 0;  ///< by the last retry
  bool corrected_once_ = false;
};

}  // namespace caprock::aws
