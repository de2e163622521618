#include "gateway/failure.h"

namespace caprock::gateway {
namespace {

using aws::FailureClass;
using base::ErrorCause;
using base::ErrorKind;

struct Meaning {
  FailureClass kind = FailureClass::kPermanent;
  bool elsewhere = false;
  bool breaker = false;
};

constexpr Meaning kTransient{FailureClass::kTransient, true, true};
constexpr Meaning kThrottled{FailureClass::kThrottling, true, true};
/// This target cannot or may not do it: a model that is not there, credentials that are not taken.
constexpr Meaning kNotHere{FailureClass::kPermanent, true, true};
/// The request's own fault, or nobody's: it would fail the same way anywhere.
constexpr Meaning kFinal{};

Meaning by_kind(const base::Error& error) {
  switch (error.kind) {
    case ErrorKind::kRateLimited:
      return kThrottled;
    case ErrorKind::kUnavailable:
    case ErrorKind::kUpstream:
      return kTransient;
    case ErrorKind::kInternal:  // the operator's matter, so of one provider: a key, a region, an empty
                                // account
    case ErrorKind::kPermissionDenied:
      return kNotHere;
    case ErrorKind::kNotFound:
      // A client may name what does not exist: that must not shut the model for others.
      return {FailureClass::kPermanent, true, false};
    default:
      return kFinal;
  }
}

Meaning meaning_of(const base::Error& error) {
  switch (error.cause) {
    case ErrorCause::kUnsaid:
      return by_kind(error);
    case ErrorCause::kThrottled:
      return kThrottled;
    case ErrorCause::kModelNotReady:
    case ErrorCause::kServiceFault:
    case ErrorCause::kServiceBusy:
    case ErrorCause::kUnreached:
    case ErrorCause::kSilent:
    case ErrorCause::kBrokenOff:
      return kTransient;
    case ErrorCause::kQuotaExceeded:
    case ErrorCause::kModelTimeout:
      return kNotHere;
    case ErrorCause::kModelFault:
      return {FailureClass::kPermanent, true, false};
    case ErrorCause::kCredentials:
      return {FailureClass::kCredentials, true, true};
    case ErrorCause::kClockSkew:
      return {FailureClass::kClockSkew, true, true};
  }
  return kFinal;
}

}  // namespace

Failure read_failure(const base::Error& error) {
  const Meaning meaning = meaning_of(error);
  Failure out;
  out.attempt.kind = meaning.kind;
  out.attempt.sent_timeout = error.cause == ErrorCause::kSilent;
  // A provider has learnt the time, or thrown the credentials away, before it reports.
  out.attempt.corrected =
      meaning.kind == FailureClass::kCredentials || meaning.kind == FailureClass::kClockSkew;
  if (error.retry_after) out.attempt.retry_after = *error.retry_after;
  out.elsewhere = meaning.elsewhere;
  out.counts_for_breaker = meaning.breaker;
  out.reason =
      error.cause == ErrorCause::kUnsaid ? base::traits(error.kind).name : base::traits(error.cause).name;
  return out;
}

}  // namespace caprock::gateway
