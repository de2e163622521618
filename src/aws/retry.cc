#include "aws/retry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

namespace caprock::aws {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMostAfterBackoff{5'000};  ///< by which x-amz-retry-after may lengthen a wait

// botocore/retries/standard.py, ThrottledRetryableChecker, without PriorRequestNotComplete, which both lists
// have.
constexpr std::array<std::string_view, 13> kThrottling{"Throttling",
                                                       "ThrottlingException",
                                                       "ThrottledException",
                                                       "RequestThrottledException",
                                                       "TooManyRequestsException",
                                                       "ProvisionedThroughputExceededException",
                                                       "TransactionInProgressException",
                                                       "RequestLimitExceeded",
                                                       "BandwidthLimitExceeded",
                                                       "LimitExceededException",
                                                       "RequestThrottled",
                                                       "SlowDown",
                                                       "EC2ThrottledException"};
// TransientRetryableChecker; STS's special case; what the models of Bedrock mark as retryable; and the two
// whose status says so, because within an event stream there is no status.
constexpr std::array<std::string_view, 8> kTransient{"RequestTimeout",
                                                     "RequestTimeoutException",
                                                     "PriorRequestNotComplete",
                                                     "IDPCommunicationError",
                                                     "ModelNotReadyException",
                                                     "InternalServerException",
                                                     "ServiceUnavailableException",
                                                     "InternalFailure"};
// aws-sdk-js-v3, service-error-classification.
constexpr std::array<std::string_view, 6> kClockSkew{"RequestTimeTooSkewed",      "RequestExpired",
                                                     "RequestInTheFuture",        "SignatureDoesNotMatch",
                                                     "InvalidSignatureException", "AuthFailure"};
constexpr std::array<std::string_view, 6> kCredentials{
    "ExpiredToken",         "ExpiredTokenException", "UnrecognizedClientException",
    "InvalidClientTokenId", "InvalidAccessKeyId",    "TokenRefreshRequired"};
constexpr std::array<int, 4> kTransientStatus{500, 502, 503, 504};
// Modelled by Bedrock as not retryable, though their status alone would be.
constexpr std::array<std::string_view, 4> kPermanent{"ModelTimeoutException", "ModelErrorException",
                                                     "ModelStreamErrorException",
                                                     "ServiceQuotaExceededException"};

/// Types of exceptions within a stream begin in lower case.
bool is_one_of(std::string_view code, std::span<const std::string_view> codes) {
  return !code.empty() && std::ranges::any_of(codes, [&](std::string_view other) {
    const char first = code[0] >= 'a' && code[0] <= 'z' ? static_cast<char>(code[0] - 32) : code[0];
    return code.size() == other.size() && first == other[0] && code.substr(1) == other.substr(1);
  });
}

}  // namespace

std::string_view error_code(std::string_view errortype) {
  errortype = errortype.substr(0, errortype.find(':'));
  const auto hash = errortype.rfind('#');
  return hash == errortype.npos ? errortype : errortype.substr(hash + 1);
}

FailureClass classify_failure(int status, std::string_view code) {
  code = error_code(code);
  if (is_one_of(code, kThrottling)) return FailureClass::kThrottling;
  if (is_one_of(code, kTransient)) return FailureClass::kTransient;
  if (is_one_of(code, kClockSkew)) return FailureClass::kClockSkew;
  if (is_one_of(code, kCredentials)) return FailureClass::kCredentials;
  if (is_one_of(code, kPermanent)) return FailureClass::kPermanent;
  if (std::ranges::find(kTransientStatus, status) != kTransientStatus.end()) return FailureClass::kTransient;
  return status == 429 ? FailureClass::kThrottling : FailureClass::kPermanent;
}

std::optional<milliseconds> parse_retry_after(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  constexpr std::int64_t kDay = 86'400'000;
  return milliseconds(std::min(value, kDay));
}

base::SettingsSection RetrySettings::describe() {
  return {.name = "retry",
          .help = "Attempts that are made again",
          .settings = {
              {.key = "max_attempts",
               .target = &max_attempts,
               .help = "attempts of a request, with the first",
               .min = 1,
               .max = 20,
               .environment = {"AWS_MAX_ATTEMPTS"}},
              {.key = "base",
               .target = &base,
               .help = "longest wait after the first fault; doubles with each",
               .min = 0,
               .max = 60'000},
              {.key = "throttling_base",
               .target = &throttling_base,
               .help = "the same after an answer that there was too much at once",
               .min = 0,
               .max = 60'000},
              {.key = "max_backoff",
               .target = &max_backoff,
               .help = "longest wait of all",
               .min = 0,
               .max = 300'000},
              {.key = "after_sent_timeout",
               .target = &after_sent_timeout,
               .help = "whether a request that was sent whole and not answered in time is sent again; it "
                       "may be paid for twice"}}};
}

bool RetryQuota::take(int amount) {
  int now = available();
  while (now >= amount)
    if (available_.compare_exchange_weak(now, now - amount, std::memory_order_relaxed)) return true;
  return false;
}

void RetryQuota::give(int amount) {
  int now = available();
  while (now < capacity_ && !available_.compare_exchange_weak(now, std::min(capacity_, now + amount),
                                                              std::memory_order_relaxed)) {
  }
}

RetryQuotas::RetryQuotas(int capacity, std::size_t max_names)
    : capacity_(capacity), max_names_(max_names), shared_(std::make_shared<RetryQuota>(capacity)) {}

std::shared_ptr<RetryQuota> RetryQuotas::of(std::string_view account, std::string_view region,
                                            std::string_view model) {
  std::string name;
  name.reserve(account.size() + region.size() + model.size() + 2);
  name.append(account).append(1, '\0').append(region).append(1, '\0').append(model);
  const std::lock_guard lock(mutex_);
  if (const auto found = quotas_.find(name); found != quotas_.end()) return found->second;
  if (quotas_.size() >= max_names_)
    std::erase_if(quotas_,
                  [](const auto& entry) { return entry.second.use_count() == 1 && entry.second->full(); });
  if (quotas_.size() >= max_names_) return shared_;
  return quotas_.emplace(std::move(name), std::make_shared<RetryQuota>(capacity_)).first->second;
}

std::size_t RetryQuotas::names() const {
  const std::lock_guard lock(mutex_);
  return quotas_.size();
}

Retries::Retries(const RetrySettings& settings, std::shared_ptr<RetryQuota> quota,
                 std::function<double()> random)
    : settings_(settings), quota_(std::move(quota)), random_(std::move(random)) {}

bool Retries::may_retry(const AttemptFailure& failure) const {
  if (failure.reached_client || attempts_ >= settings_.max_attempts) return false;
  if (failure.sent_timeout && !settings_.after_sent_timeout) return false;
  switch (failure.kind) {
    case FailureClass::kPermanent:
      return false;
    case FailureClass::kTransient:
    case FailureClass::kThrottling:
      return true;
    case FailureClass::kClockSkew:
    case FailureClass::kCredentials:
      return failure.corrected && !corrected_once_;
  }
  std::unreachable();
}

milliseconds Retries::backoff(const AttemptFailure& failure) const {
  if (failure.kind == FailureClass::kClockSkew || failure.kind == FailureClass::kCredentials)
    return milliseconds(0);
  const bool throttled = failure.kind == FailureClass::kThrottling;
  const milliseconds base = throttled ? settings_.throttling_base : settings_.base;
  const double most = std::min(std::ldexp(static_cast<double>(base.count()), static_cast<int>(attempts_ - 1)),
                               static_cast<double>(settings_.max_backoff.count()));
  const milliseconds wait(std::llround(random_() * most));
  return failure.retry_after ? std::clamp(*failure.retry_after, wait, wait + kMostAfterBackoff) : wait;
}

std::optional<milliseconds> Retries::after(const AttemptFailure& failure, milliseconds left) {
  if (!may_retry(failure)) return std::nullopt;
  const milliseconds wait = backoff(failure);
  if (wait >= left) return std::nullopt;
  const int cost = failure.kind == FailureClass::kThrottling ? settings_.throttling_cost : settings_.cost;
  if (!quota_->take(cost)) return std::nullopt;
  if (failure.corrected) corrected_once_ = true;
  taken_ = cost;
  ++attempts_;
  return wait;
}

void Retries::succeeded() { quota_->give(taken_ > 0 ? taken_ : settings_.success_refund); }

}  // namespace caprock::aws
