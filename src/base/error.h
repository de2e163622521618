#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caprock::base {

/// What went wrong, in terms a caller can act on. `traits()` is the one table of what follows from a kind.
enum class ErrorKind : std::uint8_t {
  kInvalidArgument,       ///< A field of the request has a wrong type, value or name.
  kUnauthenticated,       ///< No credentials, or unknown ones.
  kPermissionDenied,      ///< Known, but not allowed (also: foreign Host or Origin).
  kNotFound,              ///< No such thing, or not visible to this tenant.
  kMethodNotAllowed,      ///< The path exists, the method does not.
  kRequestTimeout,        ///< The client was too slow sending its headers or body.
  kConflict,              ///< A conditional write lost, or the thing is in a state that forbids this.
  kPayloadTooLarge,       ///< A body, field or upload above its limit.
  kUnsupportedMediaType,  ///< A content type or document format that is not read here.
  kUnprocessable,         ///< Well formed, but cannot be done (idempotency key reused with another body).
  kHeadersTooLarge,       ///< Request line or header section above its limit.
  kRateLimited,           ///< A limit of the caller; `retry_after` says when it is free again.
  kCancelled,             ///< The client has gone, or cancelled.
  kInternal,              ///< A defect of ours.
  kNotImplemented,        ///< Known to the protocol, not done here.
  kUpstream,              ///< A dependency answered with an error.
  kUnavailable,           ///< A queue is full or a dependency is down; `retry_after` may say for how long.
  kDeadlineExceeded,      ///< The deadline of the request has passed.
  kOutOfSpace,            ///< The disk is full.
};

/// Why a dependency failed, where it said so: the kind alone is too coarse for a dialect that has names for
/// these, and for whether to try again. `retryable()` and the table behind it say what follows.
enum class ErrorCause : std::uint8_t {
  kUnsaid,
  kThrottled,      ///< too much at once: the same request goes through later
  kQuotaExceeded,  ///< a quota or credit of the account: waiting does not help
  kModelNotReady,  ///< the model is being loaded
  kModelTimeout,   ///< the model took longer than the provider lets it
  kModelFault,     ///< the model failed at this request
  kServiceFault,   ///< the provider failed, whatever the model
  kServiceBusy,    ///< the provider has no room for anybody at the moment
  kUnreached,      ///< no connection came about: nothing was sent
  kSilent,         ///< sent whole and not answered in time: it may have been done, and cost money
  kBrokenOff,      ///< the answer ended early, or cannot be read
  kCredentials,    ///< it did not take our credentials; fresh ones may do
  kClockSkew,      ///< it did not take the time or signature of our request; a corrected clock may do
};

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };

/// Everything that follows from a kind. `name` is the wire type of REST errors and the metric label.
struct ErrorTraits {
  ErrorKind kind;
  std::string_view name;
  int http_status;
  bool retryable;
  LogLevel level;
};

/// The row of `kind` in the one table. Never fails, any thread.
const ErrorTraits& traits(ErrorKind kind) noexcept;

/// Whether the same request may succeed later, by a cause alone; kUnsaid: nobody knows.
struct CauseTraits {
  ErrorCause cause;
  std::string_view name;  ///< metric label
  bool retryable;
};
const CauseTraits& traits(ErrorCause cause) noexcept;

/// Where an error came from, as far as known: for logs and metrics, never sent to clients.
struct ErrorOrigin {
  std::string component;  ///< "sqlite", "poppler", "bedrock", …
  std::string model;
  std::string region;
  std::string request_id;  ///< the upstream's own id
  int status = 0;          ///< the upstream's status or errno
};

/// An error that a caller can act on. `message` and `field` may go to the client; `detail` and `origin` only
/// to the log. The message names the field or the setting and what would be right.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  ErrorCause cause = ErrorCause::kUnsaid;
  std::string message;
  std::string field;   ///< JSON path of the offending field ("filter.and[0].year"), query parameter or header
  std::string detail;  ///< for the log only
  std::optional<std::chrono::seconds> retry_after;
  ErrorOrigin origin;

  Error() = default;
  Error(ErrorKind error_kind, std::string client_message)
      : kind(error_kind), message(std::move(client_message)) {}

  Error&& with_field(std::string name) && {
    field = std::move(name);
    return std::move(*this);
  }
  Error&& with_detail(std::string text) && {
    detail = std::move(text);
    return std::move(*this);
  }
  Error&& with_retry_after(std::chrono::seconds wait) && {
    retry_after = wait;
    return std::move(*this);
  }
  Error&& with_cause(ErrorCause why) && {
    cause = why;
    return std::move(*this);
  }
  Error&& with_origin(ErrorOrigin from) && {
    origin = std::move(from);
    return std::move(*this);
  }
};

/// Whether the same request may succeed later: by the cause, else by the kind.
bool retryable(const Error& error) noexcept;

/// Shorthands for the kinds that are made most often.
Error invalid_argument(std::string field, std::string message);
Error not_found(std::string message);
Error internal_error(std::string detail);  ///< the client reads "internal error"; `detail` goes to the log

}  // namespace caprock::base
