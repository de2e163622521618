#include "base/error.h"

#include <algorithm>
#include <array>

namespace caprock::base {
namespace {

using enum ErrorKind;
using enum LogLevel;

constexpr std::array kTraits{
    ErrorTraits{kInvalidArgument, "invalid_request", 400, false, kInfo},
    ErrorTraits{kUnauthenticated, "unauthenticated", 401, false, kInfo},
    ErrorTraits{kPermissionDenied, "permission_denied", 403, false, kInfo},
    ErrorTraits{kNotFound, "not_found", 404, false, kInfo},
    ErrorTraits{kMethodNotAllowed, "method_not_allowed", 405, false, kInfo},
    ErrorTraits{kRequestTimeout, "request_timeout", 408, true, kInfo},
    ErrorTraits{kConflict, "conflict", 409, false, kInfo},
    ErrorTraits{kPayloadTooLarge, "payload_too_large", 413, false, kInfo},
    ErrorTraits{kUnsupportedMediaType, "unsupported_media_type", 415, false, kInfo},
    ErrorTraits{kUnprocessable, "unprocessable", 422, false, kInfo},
    ErrorTraits{kHeadersTooLarge, "headers_too_large", 431, false, kInfo},
    ErrorTraits{kRateLimited, "rate_limited", 429, true, kInfo},
    ErrorTraits{kCancelled, "cancelled", 499, false, kInfo},
    ErrorTraits{kInternal, "internal", 500, false, kError},
    ErrorTraits{kNotImplemented, "not_implemented", 501, false, kInfo},
    ErrorTraits{kUpstream, "upstream_error", 502, true, kWarn},
    ErrorTraits{kUnavailable, "unavailable", 503, true, kWarn},
    ErrorTraits{kDeadlineExceeded, "deadline_exceeded", 504, true, kWarn},
    ErrorTraits{kOutOfSpace, "out_of_space", 507, true, kError},
};

// The table is indexed by kind: its order is the enum's.
static_assert([] {
  for (std::size_t i = 0; i < kTraits.size(); ++i)
    if (static_cast<std::size_t>(kTraits[i].kind) != i) return false;
  return true;
}());

using enum ErrorCause;
constexpr std::array kCauses{CauseTraits{kUnsaid, "unsaid", false},
                             CauseTraits{kThrottled, "throttled", true},
                             CauseTraits{kQuotaExceeded, "quota_exceeded", false},
                             CauseTraits{kModelNotReady, "model_not_ready", true},
                             CauseTraits{kModelTimeout, "model_timeout", false},
                             CauseTraits{kModelFault, "model_fault", false},
                             CauseTraits{kServiceFault, "service_fault", true},
                             CauseTraits{kServiceBusy, "service_busy", true},
                             CauseTraits{kUnreached, "unreached", true},
                             CauseTraits{kSilent, "silent", false},
                             CauseTraits{kBrokenOff, "broken_off", true},
                             CauseTraits{kCredentials, "credentials", false},
                             CauseTraits{kClockSkew, "clock_skew", false}};

static_assert([] {
  for (std::size_t i = 0; i < kCauses.size(); ++i)
    if (static_cast<std::size_t>(kCauses[i].cause) != i) return false;
  return true;
}());

}  // namespace

const CauseTraits& traits(ErrorCause cause) noexcept { return kCauses[static_cast<std::size_t>(cause)]; }

bool retryable(const Error& error) noexcept {
  return error.cause == kUnsaid ? traits(error.kind).retryable : traits(error.cause).retryable;
}

const ErrorTraits& traits(ErrorKind kind) noexcept { return kTraits[static_cast<std::size_t>(kind)]; }

Error invalid_argument(std::string field, std::string message) {
  return Error(kInvalidArgument, std::move(message)).with_field(std::move(field));
}

Error not_found(std::string message) { return {kNotFound, std::move(message)}; }

Error internal_error(std::string detail) {
  return Error(kInternal, "internal error").with_detail(std::move(detail));
}

}  // namespace caprock::base
