#include "aws/credentials/provider_tools.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/credentials/read_file.h"
#include "aws/retry.h"

namespace caprock::aws {
namespace {

using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::RequestContext;
using base::Result;

constexpr std::uint64_t kLargestAnswer = 256UL * 1024;
constexpr std::size_t kLargestToken = 64UL * 1024;
constexpr std::size_t kLongestDetail = 500;

RequestContext within(const RequestContext& context, std::chrono::milliseconds timeout) {
  RequestContext narrower = context;
  const base::Deadline own = base::Deadline::after(timeout);
  if (own.at() < context.deadline.at()) narrower.deadline = own;
  return narrower;
}

Awaitable<Result<HttpAnswer>> exchange(const RequestContext& context, net::HttpClient& http,
                                       net::HttpRequest request) {
  CAPROCK_CO_TRY(std::unique_ptr<net::HttpResponse> response,
                 co_await http.send(context, std::move(request)));
  HttpAnswer answer{response->status(), response->headers(), {}};
  CAPROCK_CO_TRY(answer.body, co_await net::read_all(context, *response));
  co_return answer;
}

bool may_pass(int status, const std::string& code) {
  if (code == "IDPCommunicationError") return true;  // STS could not reach the issuer of a web identity
  const FailureClass kind = classify_failure(status, code);
  return kind == FailureClass::kTransient || kind == FailureClass::kThrottling;
}

/// What a service says may be written by others: one line, no control characters.
std::string one_line(std::string text) {
  if (text.size() > kLongestDetail) text.resize(kLongestDetail);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

}  // namespace

Awaitable<Result<HttpAnswer>> call_service(const RequestContext& context, net::HttpClient& http,
                                           std::string who, std::chrono::milliseconds timeout,
                                           net::HttpRequest request) {
  request.trust = net::Trust::kOperator;
  request.max_redirects = 0;
  request.response_limit = kLargestAnswer;
  const RequestContext limited = within(context, timeout);
  Result<HttpAnswer> answer = co_await exchange(limited, http, std::move(request));
  if (answer) co_return answer;
  Error error = std::move(answer).error();
  error.origin.component = who;
  if (error.kind == ErrorKind::kDeadlineExceeded && context.check())
    co_return failure(
        Error(ErrorKind::kUnavailable, fmt::format("{} did not answer within {} ms", who, timeout.count()))
            .with_origin(std::move(error.origin)));
  co_return failure(std::move(error));
}

Awaitable<Result<base::Secret>> read_token_file(const RequestContext& context, base::BlockingPool& pool,
                                                std::string path, std::string field) {
  const auto read = [&path] { return read_small_file(path, kLargestToken); };
  CAPROCK_CO_TRY(std::optional<std::string> text, co_await pool.run(context, read));
  const auto wrong = [&](const char* what) {
    return failure(base::invalid_argument(field, fmt::format("the file that {} names {}", field, what))
                       .with_detail(path));
  };
  if (!text) co_return wrong("does not exist");
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text->empty() && blank(text->back())) text->pop_back();
  text->erase(text->begin(), std::ranges::find_if_not(*text, blank));
  if (!is_visible_ascii(*text)) co_return wrong("is empty or holds no token");
  co_return base::Secret(std::move(*text));
}

Error refused_by(std::string who, const HttpAnswer& answer, const std::string& code, std::string text) {
  const bool transient = may_pass(answer.status, code);
  const std::string why = code.empty() ? fmt::format("status {}", answer.status) : one_line(code);
  base::ErrorOrigin origin{.component = who};
  origin.request_id = one_line(std::string(net::header_value(answer.headers, "x-amzn-requestid")));
  origin.status = answer.status;
  return Error(transient ? ErrorKind::kUnavailable : ErrorKind::kUpstream,
               fmt::format("{} gave no credentials ({})", who, why))
      .with_detail(one_line(std::move(text)))
      .with_origin(std::move(origin));
}

bool is_visible_ascii(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; });
}

}  // namespace caprock::aws
