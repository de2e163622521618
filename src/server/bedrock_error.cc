#include "server/bedrock_error.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/utf8.h"

namespace caprock::server {
namespace {

using enum base::ErrorKind;

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
// and, below the service, https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
struct Row {
  base::ErrorKind kind;
  int status;
  std::string_view type;
  std::string_view in_stream;  ///< a member of ConverseStreamOutput
};
constexpr std::string_view kValidation = "validationException";
constexpr std::string_view kInternalError = "internalServerException";
constexpr std::string_view kModelError = "modelStreamErrorException";
constexpr std::string_view kNotNow = "serviceUnavailableException";

constexpr std::array kRows{Row{kInvalidArgument, 400, "ValidationException", kValidation},
                           Row{kUnauthenticated, 403, "UnrecognizedClientException", kInternalError},
                           Row{kPermissionDenied, 403, "AccessDeniedException", kValidation},
                           Row{kNotFound, 404, "ResourceNotFoundException", kValidation},
                           Row{kMethodNotAllowed, 405, "UnknownOperationException", kValidation},
                           Row{kRequestTimeout, 408, "RequestTimeoutException", kValidation},
                           Row{kConflict, 400, "ConflictException", kValidation},
                           Row{kPayloadTooLarge, 413, "RequestEntityTooLargeException", kValidation},
                           Row{kUnsupportedMediaType, 415, "UnsupportedMediaTypeException", kValidation},
                           Row{kUnprocessable, 400, "ValidationException", kValidation},
                           Row{kHeadersTooLarge, 431, "ValidationException", kValidation},
                           Row{kRateLimited, 429, "ThrottlingException", "throttlingException"},
                           Row{kCancelled, 499, "ServiceUnavailableException", kNotNow},
                           Row{kInternal, 500, "InternalServerException", kInternalError},
                           Row{kNotImplemented, 404, "UnknownOperationException", kValidation},
                           Row{kUpstream, 424, "ModelErrorException", kModelError},
                           Row{kUnavailable, 503, "ServiceUnavailableException", kNotNow},
                           Row{kDeadlineExceeded, 408, "ModelTimeoutException", kModelError},
                           Row{kOutOfSpace, 500, "InternalServerException", kInternalError}};

// The table is indexed by kind: its order is the enum's.
static_assert([] {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].kind) != i) return false;
  return true;
}());

// What the model's provider said of itself, where Bedrock has a name for it that the kind does not tell.
struct CauseRow {
  base::ErrorCause cause;
  Row row;
};
constexpr std::array kCauses{
    CauseRow{base::ErrorCause::kQuotaExceeded,
             {kRateLimited, 400, "ServiceQuotaExceededException", kValidation}},
    CauseRow{base::ErrorCause::kModelNotReady, {kUnavailable, 429, "ModelNotReadyException", kNotNow}},
    CauseRow{base::ErrorCause::kModelTimeout, {kDeadlineExceeded, 408, "ModelTimeoutException", kModelError}},
    CauseRow{base::ErrorCause::kServiceFault, {kUpstream, 500, "InternalServerException", kInternalError}}};

/// Bedrock calls a model that it does not know a validation error; "not found" is one that was.
constexpr std::string_view kUnknownModel = "The provided model identifier is invalid.";
bool is_unknown_model(const base::Error& error) {
  return error.kind == kNotFound && error.field == "model" && error.origin.status != 404;
}

const Row& row_of(const base::Error& error) {
  if (is_unknown_model(error)) return kRows.at(static_cast<std::size_t>(kInvalidArgument));
  // What is the operator's matter stays ours, whatever the provider said.
  const auto* said = std::ranges::find(kCauses, error.cause, &CauseRow::cause);
  if (said != kCauses.end() && error.kind != kInternal) return said->row;
  return kRows.at(static_cast<std::size_t>(error.kind));
}

bool is_overflow(const base::Error& error) {
  return error.kind == kUnprocessable && error.field == "messages";
}

std::string_view type_of(const base::Error& error) {
  // Whoever signed is told of the signature, as AWS does: SDKs then look at their clock.
  const bool signature = error.kind == kUnauthenticated && error.message.starts_with("The request signature");
  return signature ? "InvalidSignatureException" : row_of(error).type;
}

std::string message_of(const base::Error& error) {
  // Strands, LangChain and others know an overflow by these words.
  if (is_overflow(error)) return "Input is too long for requested model. " + error.message;
  if (is_unknown_model(error))
    return error.message == kUnknownModel ? error.message : std::string(kUnknownModel) + " " + error.message;
  if (error.field.empty() || error.message.contains(error.field)) return error.message;
  return error.field + ": " + error.message;
}

}  // namespace

std::string_view bedrock_stream_exception(const base::Error& error) { return row_of(error).in_stream; }

std::string bedrock_error_json(const base::Error& error) {
  boost::json::object told;
  // A message may quote what the client sent, which need not be UTF-8.
  told["message"] = base::repair_utf8(message_of(error));
  return boost::json::serialize(told);
}

RenderedError render_bedrock_error(const base::Error& error, const base::RequestId& request_id) {
  RenderedError answer{.status = row_of(error).status,
                       .headers = {{"content-type", "application/json"},
                                   {"cache-control", "no-store"},
                                   {"x-amzn-errortype", std::string(type_of(error))},
                                   {"x-amzn-requestid", request_id.str()}},
                       .body = bedrock_error_json(error)};
  if (error.retry_after) answer.headers.add("retry-after", std::to_string(error.retry_after->count()));
  return answer;
}

}  // namespace caprock::server
