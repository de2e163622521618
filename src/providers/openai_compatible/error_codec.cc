#include "providers/openai_compatible/error_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <charconv>
#include <cmath>

#include "base/json/json_text.h"
#include "base/utf8.h"

namespace caprock::providers::openai {

namespace json = boost::json;
using base::Error;
using enum base::ErrorKind;

namespace {

constexpr std::size_t kLongestMessage = 500;  // bytes of the provider's words that a client sees

/// What the servers write about an error, whichever of the customary shapes they use.
struct Report {
  bool structured = false;  ///< it was JSON with an error in it
  std::string message;
  std::string type;
  std::string code;
  std::string field;
  int status = 0;  ///< that the report itself names
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  return value->is_null() ? std::string() : base::json_text(*value);
}

/// Cut where a character ends.
std::string clipped(std::string text) {
  text = base::repair_utf8(text);
  if (text.size() <= kLongestMessage) return text;
  std::size_t end = kLongestMessage;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

Report report_of(const json::value& error) {
  if (error.is_string())
    return {
        .structured = true, .message = std::string(error.get_string()), .type = {}, .code = {}, .field = {}};
  if (!error.is_object()) return {};
  const json::object& object = error.get_object();
  Report report{.structured = true,
                .message = text_in(object, "message"),
                .type = text_in(object, "type"),
                .code = text_in(object, "code"),
                .field = text_in(object, "param")};
  std::from_chars(report.code.data(), report.code.data() + report.code.size(), report.status);
  if (report.message.empty()) report.message = text_in(object, "detail");
  return report;
}

// {"error": {…}} (OpenAI, OpenRouter, llama.cpp, Ollama), {"error": "…"}, {"object":"error", …} (vLLM) and
// {"detail": …} (FastAPI).
Report read_report(std::string_view body) {
  const auto value = base::parse_json(body);
  if (!value || !value->is_object()) return {};
  const json::object& object = value->get_object();
  if (const json::value* error = object.if_contains("error"); error != nullptr && !error->is_null())
    return report_of(*error);
  if (!object.contains("message") && !object.contains("detail")) return {};
  return report_of(*value);
}

bool says(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return text.find(word) != std::string::npos; });
}

bool is_overflow(const Report& report) {
  if (report.field == "max_tokens" || report.field == "max_completion_tokens") return false;
  const std::string code = lower(report.code + " " + report.type);
  if (says(code, {"context_length_exceeded", "exceed_context_size"})) return true;
  const std::string text = lower(report.message);
  if (text.starts_with("'max_tokens'") || text.starts_with("max_tokens")) return false;
  return says(text, {"maximum context length", "context size", "context window", "context length",
                     "prompt is too long", "input is too long", "too many input tokens"});
}

bool is_content_filter(const Report& report) {
  const std::string code = lower(report.code + " " + report.type);
  return says(code, {"content_filter", "content_policy", "responsibleaipolicy"}) ||
         says(lower(report.message), {"content management policy", "flagged input", "requires moderation"});
}

bool is_out_of_credit(int status, const Report& report) {
  return status == 402 || says(lower(report.code + " " + report.type), {"insufficient_quota", "billing"});
}

Error of_operator(const Dialect& dialect, std::string message) {
  return Error(kInternal, fmt::format("{}; this is for the operator of Caprock to mend", message))
      .with_detail(dialect.name);
}

Error refused_credentials(const Dialect& dialect) {
  return of_operator(
             dialect,
             fmt::format(
                 "{} refused Caprock's credentials: set [{}] api_key{} to a key that may use the model",
                 dialect.title, dialect.name,
                 dialect.key_variable.empty() ? "" : " or " + dialect.key_variable))
      .with_cause(base::ErrorCause::kCredentials);
}

Error of_bad_request(const Dialect& dialect, const Report& report) {
  if (is_content_filter(report))
    return Error(kUnprocessable, dialect.title + "'s content filter refused the request");
  if (is_overflow(report))
    return Error(kUnprocessable, "the conversation is too long for the model: " + clipped(report.message))
        .with_field("messages");
  const std::string said = report.message.empty() ? "without a reason" : clipped(report.message);
  return base::invalid_argument(report.field, fmt::format("{} refused the request: {}", dialect.title, said));
}

Error of_not_found(const Dialect& dialect, const std::string& model, const Report& report) {
  if (!report.structured)
    return of_operator(dialect,
                       fmt::format("there is no OpenAI-compatible service at [{}] base_url", dialect.name));
  return base::not_found(fmt::format("{} has no model \"{}\"", dialect.title, model)).with_field("model");
}

Error of_status(const Dialect& dialect, const std::string& model, int status, const Report& report) {
  if (is_out_of_credit(status, report))
    return of_operator(dialect, fmt::format("the account at {} has no credit left", dialect.title))
        .with_cause(base::ErrorCause::kQuotaExceeded);
  switch (status) {
    case 400:
    case 422:
      return of_bad_request(dialect, report);
    case 413:
      if (is_overflow(report)) return of_bad_request(dialect, report);
      return Error(kPayloadTooLarge, dialect.title + " takes no request as large as this");
    case 401:
      return refused_credentials(dialect);
    case 403:
      return is_content_filter(report) ? of_bad_request(dialect, report) : refused_credentials(dialect);
    case 404:
    case 405:
      return of_not_found(dialect, model, report);
    case 408:
    case 504:
      return Error(kDeadlineExceeded, dialect.title + " took too long to answer")
          .with_cause(base::ErrorCause::kModelTimeout);
    case 429:
      return Error(kRateLimited, dialect.title + " takes no more requests at the moment")
          .with_cause(base::ErrorCause::kThrottled);
    case 503:
    case 529:
      return Error(kUnavailable, dialect.title + " is overloaded or not ready")
          .with_cause(base::ErrorCause::kServiceBusy);
    default:
      break;
  }
  if (status >= 300 && status < 400)
    return of_operator(dialect, fmt::format("[{}] base_url leads elsewhere (HTTP {})", dialect.name, status));
  return Error(kUpstream, fmt::format("{} failed with HTTP {}", dialect.title, status))
      .with_cause(base::ErrorCause::kServiceFault);
}

std::optional<std::chrono::seconds> rounded_up(std::string_view number, double unit) {
  double value = 0;
  const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (failed != std::errc() || end != number.data() + number.size() || !(value >= 0) || value > 1e9)
    return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(value * unit)));
}

// retry-after-ms is OpenAI's own and finer; a date in retry-after is not written by any of these servers.
std::optional<std::chrono::seconds> retry_after(const net::HttpHeaders& headers) {
  if (const auto exact = rounded_up(net::header_value(headers, "retry-after-ms"), 0.001)) return exact;
  return rounded_up(net::header_value(headers, "retry-after"), 1);
}

Error finished(Error error, const Dialect& dialect, const std::string& model, int status,
               const Report& report) {
  error.detail = clipped(fmt::format("{} {} {}", report.type, report.code, report.message));
  error.origin = {
      .component = dialect.name, .model = model, .region = {}, .request_id = {}, .status = status};
  return error;
}

}  // namespace

Error error_of(const Dialect& dialect, const std::string& model, int status, const net::HttpHeaders& headers,
               std::string_view body) {
  const Report report = read_report(body);
  Error error = finished(of_status(dialect, model, status, report), dialect, model, status, report);
  if (base::traits(error.kind).retryable) error.retry_after = retry_after(headers);
  error.origin.request_id = net::header_value(headers, "x-request-id");
  return error;
}

Error error_in_stream(const Dialect& dialect, const std::string& model, std::string_view text) {
  const auto value = base::parse_json(text);
  const Report report = value ? report_of(*value) : Report{};
  const int status = report.status >= 400 && report.status < 600 ? report.status : 0;
  if (status != 0) return finished(of_status(dialect, model, status, report), dialect, model, status, report);
  const std::string kind = lower(report.code + " " + report.type);
  Error error(kUpstream, fmt::format("{} broke off its reply with an error", dialect.title));
  if (says(kind, {"rate_limit"})) error = of_status(dialect, model, 429, report);
  if (says(kind, {"overloaded", "unavailable"})) error = of_status(dialect, model, 503, report);
  if (says(kind, {"invalid_request", "exceed_context", "context_length"}))
    error = of_bad_request(dialect, report);
  return finished(std::move(error), dialect, model, status, report);
}

Error broken_reply(const Dialect& dialect, const std::string& model, std::string detail) {
  return Error(kUpstream, fmt::format("{}'s reply broke off or cannot be read", dialect.title))
      .with_cause(base::ErrorCause::kBrokenOff)
      .with_detail(clipped(std::move(detail)))
      .with_origin({.component = dialect.name, .model = model, .region = {}, .request_id = {}, .status = 0});
}

}  // namespace caprock::providers::openai
