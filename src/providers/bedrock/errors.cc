#include "providers/bedrock/errors.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <charconv>
#include <optional>
#include <span>

#include "aws/retry.h"
#include "base/json/json_text.h"

namespace caprock::providers::bedrock {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCause;
using base::ErrorKind;

struct Said {
  std::string type;
  std::string message;
};

std::string member(const json::object& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const json::value* value = object.if_contains(name);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
  }
  return {};
}

Said read_body(std::string_view body) {
  const auto parsed = base::parse_json(body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return {};
  if (const json::value* output = object->if_contains("Output"); output != nullptr && output->is_object())
    object = &output->get_object();
  return {.type = member(*object, {"__type", "code"}),
          .message = member(*object, {"message", "Message", "originalMessage"})};
}

/// What each type means to a caller.
/// https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
struct Meaning {
  std::string_view type;
  ErrorKind kind;
  ErrorCause cause = ErrorCause::kUnsaid;
};
constexpr std::array kMeanings{
    Meaning{"ValidationException", ErrorKind::kInvalidArgument},
    Meaning{"SerializationException", ErrorKind::kInvalidArgument},
    Meaning{"AccessDeniedException", ErrorKind::kPermissionDenied},
    Meaning{"ResourceNotFoundException", ErrorKind::kNotFound},
    Meaning{"ConflictException", ErrorKind::kConflict},
    Meaning{"ThrottlingException", ErrorKind::kRateLimited, ErrorCause::kThrottled},
    Meaning{"TooManyRequestsException", ErrorKind::kRateLimited, ErrorCause::kThrottled},
    Meaning{"ServiceQuotaExceededException", ErrorKind::kRateLimited, ErrorCause::kQuotaExceeded},
    Meaning{"ModelNotReadyException", ErrorKind::kUnavailable, ErrorCause::kModelNotReady},
    Meaning{"ServiceUnavailableException", ErrorKind::kUnavailable, ErrorCause::kServiceBusy},
    Meaning{"ModelTimeoutException", ErrorKind::kDeadlineExceeded, ErrorCause::kModelTimeout},
    Meaning{"ModelErrorException", ErrorKind::kUpstream, ErrorCause::kModelFault},
    Meaning{"ModelStreamErrorException", ErrorKind::kUpstream, ErrorCause::kModelFault},
    Meaning{"InternalServerException", ErrorKind::kUpstream, ErrorCause::kServiceFault},
    Meaning{"InternalFailure", ErrorKind::kUpstream, ErrorCause::kServiceFault},
    Meaning{"RequestEntityTooLargeException", ErrorKind::kPayloadTooLarge},
    Meaning{"UnrecognizedClientException", ErrorKind::kInternal, ErrorCause::kCredentials},
    Meaning{"InvalidSignatureException", ErrorKind::kInternal, ErrorCause::kClockSkew},
    Meaning{"IncompleteSignatureException", ErrorKind::kInternal},
    Meaning{"MissingAuthenticationTokenException", ErrorKind::kInternal, ErrorCause::kCredentials},
    Meaning{"ExpiredTokenException", ErrorKind::kInternal, ErrorCause::kCredentials},
    Meaning{"UnknownOperationException", ErrorKind::kInternal},
};

/// Where the type says nothing: a proxy's page, or an error of a kind that is not known yet.
Meaning meaning_of_status(int status) {
  switch (status) {
    case 400:
      return {{}, ErrorKind::kInvalidArgument};
    case 403:
      return {{}, ErrorKind::kPermissionDenied};
    case 404:
      return {{}, ErrorKind::kNotFound};
    case 408:
      return {{}, ErrorKind::kDeadlineExceeded, ErrorCause::kModelTimeout};
    case 413:
      return {{}, ErrorKind::kPayloadTooLarge};
    case 429:
      return {{}, ErrorKind::kRateLimited, ErrorCause::kThrottled};
    case 424:
      return {{}, ErrorKind::kUpstream, ErrorCause::kModelFault};
    case 502:
    case 503:
    case 504:
      return {{}, ErrorKind::kUnavailable, ErrorCause::kServiceBusy};
    default:
      return {{}, ErrorKind::kUpstream, status >= 500 ? ErrorCause::kServiceFault : ErrorCause::kUnsaid};
  }
}

bool contains(std::string_view text, std::string_view part) {
  const auto equal = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  return !std::ranges::search(text, part, equal).empty();
}

// Of Claude, Converse itself, Llama and Mistral, Cohere, Titan; only ever looked for in validation errors.
constexpr std::array<std::string_view, 9> kTooLong{
    "input is too long",    "prompt is too long",     "too many input tokens",
    "exceed context limit", "maximum context length", "exceeds the maximum number of tokens",
    "context window",       "max input tokens",       "total number of tokens in the prompt exceeds"};

constexpr std::string_view kUnknownModel = "model identifier is invalid";
constexpr std::array<std::string_view, 3> kAboutTheModel{"model identifier", "on-demand throughput",
                                                         "support the model"};

bool any_of(std::span<const std::string_view> parts, std::string_view text) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return contains(text, part); });
}

std::optional<std::chrono::seconds> wait_of(const net::HttpHeaders& headers) {
  if (const auto precise = aws::parse_retry_after(net::header_value(headers, "x-amz-retry-after")))
    return std::chrono::ceil<std::chrono::seconds>(*precise);
  const std::string_view text = net::header_value(headers, "retry-after");
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!whole || seconds < 0 || seconds > 86'400) return std::nullopt;
  return std::chrono::seconds(seconds);
}

Error error_of(CallPlace place, int status, const Said& said) {
  const auto* found = std::ranges::find(kMeanings, said.type, &Meaning::type);
  const Meaning meaning = found != kMeanings.end() ? *found : meaning_of_status(status);
  const bool of_ours = meaning.kind == ErrorKind::kInternal;
  Error error;
  error.kind = meaning.kind;
  error.cause = meaning.cause;
  error.message = said.message;
  if (of_ours) {
    error.message =
        "Bedrock refused Caprock's own request: its AWS credentials, region or clock are wrong, see [aws] "
        "and the log";
  } else if (error.kind == ErrorKind::kInvalidArgument && any_of(kTooLong, said.message)) {
    error.kind = ErrorKind::kUnprocessable;
    error.field = "messages";
  } else if (error.kind == ErrorKind::kInvalidArgument && contains(said.message, kUnknownModel)) {
    error.kind = ErrorKind::kNotFound;
    error.field = "model";
  } else if (error.kind == ErrorKind::kNotFound ||
             (error.kind == ErrorKind::kInvalidArgument && any_of(kAboutTheModel, said.message))) {
    error.field = "model";
  }
  if (error.message.empty())
    error.message =
        "Bedrock answered with an error" + (status == 0 ? "" : " of status " + std::to_string(status));
  error.detail = said.type + ": " + said.message;
  error.origin = {.component = "bedrock",
                  .model = std::move(place.model),
                  .region = std::move(place.region),
                  .request_id = std::move(place.request_id),
                  .status = status};
  return error;
}

}  // namespace

Error error_of_answer(CallPlace place, int status, const net::HttpHeaders& headers, std::string_view body) {
  Said said = read_body(body);
  if (const auto named = net::header_value(headers, "x-amzn-errortype"); !named.empty()) said.type = named;
  said.type = aws::error_code(said.type);
  place.request_id = net::header_value(headers, "x-amzn-requestid");
  Error error = error_of(std::move(place), status, said);
  error.retry_after = wait_of(headers);
  return error;
}

Error error_of_exception(CallPlace place, std::string_view type, std::string_view payload) {
  Said said = read_body(payload);
  said.type = aws::error_code(type);
  if (!said.type.empty())
    said.type[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(said.type[0])));
  return error_of(std::move(place), 0, said);
}

bool is_disguised_error(std::string_view body) {
  // A reply of Converse has "output", in lower case.
  // The two underscores are looked for first: this is asked of every good reply, too.
  return body.size() < 4096 && body.contains("\"__") && contains(body, "\"__type\"") &&
         read_body(body).type.ends_with("Exception");
}

Error broken_answer(CallPlace place, std::string detail) {
  return Error(ErrorKind::kUpstream, "Bedrock's answer broke off or cannot be read")
      .with_cause(ErrorCause::kBrokenOff)
      .with_detail(std::move(detail))
      .with_origin({.component = "bedrock",
                    .model = std::move(place.model),
                    .region = std::move(place.region),
                    .request_id = std::move(place.request_id),
                    .status = 0});
}

}  // namespace caprock::providers::bedrock
