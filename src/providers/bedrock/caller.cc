#include "providers/bedrock/caller.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "aws/retry.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

namespace {

constexpr std::size_t kLongestErrorBody = 64U << 10;

}  // namespace

std::string model_path(std::string_view model, std::string_view operation) {
  std::string path = "/model/" + aws::uri_encode(model) + '/';
  path += operation;
  return path;
}

Caller::Caller(net::HttpClient& http, std::shared_ptr<AwsAccount> account, std::chrono::milliseconds patience)
    : http_(http), account_(std::move(account)), patience_(patience) {}

Result<const aws::Endpoint*> Caller::endpoint(aws::Service service) {
  const std::lock_guard lock(mutex_);
  if (const auto known = endpoints_.find(service); known != endpoints_.end()) return &known->second;
  CAPROCK_TRY(auto found, account_->endpoint(service));
  return &endpoints_.emplace(service, std::move(found)).first->second;
}

Result<std::string> Caller::region(aws::Service service) {
  CAPROCK_TRY(const aws::Endpoint* found, endpoint(service));
  return found->region;
}

// Every header that is there already is signed: Bedrock's own begin with x-amz.
void Caller::authorize(net::HttpRequest& request, const aws::Endpoint& where,
                       const aws::Credentials& credentials, const aws::PayloadHash& payload) {
  if (credentials.is_bearer()) {
    request.headers.emplace_back("Authorization", "Bearer " + credentials.bearer_token.reveal());
    return;
  }
  const std::string host = request.url.authority();
  const std::string_view path = request.url.target;
  const auto question = path.find('?');
  const std::vector<aws::HeaderView> headers(request.headers.begin(), request.headers.end());
  const aws::SigningRequest to_sign{
      .method = request.method,
      .host = host,
      .path = path.substr(0, question),
      .query = question == std::string_view::npos ? std::string_view() : path.substr(question + 1),
      .headers = headers,
      .payload = payload};
  const aws::SigningKeys keys{.access_key_id = credentials.access_key_id,
                              .secret_access_key = credentials.secret_access_key.reveal(),
                              .session_token = credentials.session_token.reveal()};
  aws::SignatureHeaders made;
  signer_.sign(to_sign, keys, {.region = where.region, .service = where.signing_name},
               skew_.corrected(base::system_clock().wall()), made);
  request.headers.emplace_back("Authorization", std::move(made.authorization));
  request.headers.emplace_back("X-Amz-Date", made.x_amz_date());
  if (!credentials.session_token.empty())
    request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
}

base::Deadline Caller::patience(const base::RequestContext& context) const {
  return base::Deadline(std::min(context.deadline.at(), base::Deadline::after(patience_).at()));
}

// Our own impatience is Bedrock's fault, the request's deadline is not.
base::Error Caller::explained(const base::RequestContext& context, base::Error error,
                              const CallPlace& place) const {
  if (error.kind == base::ErrorKind::kDeadlineExceeded && !context.deadline.passed()) {
    error.cause = base::ErrorCause::kSilent;
    error.message =
        fmt::format("Bedrock was silent for {} s", std::chrono::duration<double>(patience_).count());
  }
  // The names of the operator's hosts are for the log.
  if (error.kind == base::ErrorKind::kUnavailable) {
    error.detail = std::exchange(error.message, "Bedrock cannot be reached");
    error.cause = base::ErrorCause::kUnreached;
  }
  if (error.kind == base::ErrorKind::kUpstream) error.cause = base::ErrorCause::kBrokenOff;
  error.origin = {.component = "bedrock",
                  .model = place.model,
                  .region = place.region,
                  .request_id = place.request_id,
                  .status = error.origin.status};
  return error;
}

void Caller::learn(const base::Error& error, const Answer& answer) {
  const std::string_view code = std::string_view(error.detail).substr(0, error.detail.find(':'));
  const auto kind = aws::classify_failure(answer.response->status(), code);
  const bool late =
      kind == aws::FailureClass::kClockSkew &&
      skew_.learn(net::header_value(answer.response->headers(), "date"), base::system_clock().wall());
  if (!late && (kind == aws::FailureClass::kCredentials || kind == aws::FailureClass::kClockSkew))
    account_->reject(*answer.credentials);
}

base::Awaitable<Result<Answer>> Caller::exchange(const base::RequestContext& context, Call call) {
  CAPROCK_CO_CHECK(context.check());
  CAPROCK_CO_TRY(const aws::Endpoint* where, endpoint(call.service));
  base::RequestContext limited = context;
  limited.deadline = patience(context);
  CAPROCK_CO_TRY(auto credentials, co_await account_->credentials(limited));
  CallPlace place{.model = std::move(call.model), .region = where->region};
  net::HttpRequest request;
  request.method = std::move(call.method);
  request.url = where->at(call.path);
  request.trust = net::Trust::kOperator;
  request.headers = std::move(call.headers);
  if (!call.content_type.empty()) request.headers.emplace_back("Content-Type", std::move(call.content_type));
  request.body = std::move(call.body);
  authorize(
      request, *where, *credentials,
      call.body_digest ? aws::PayloadHash::of_digest(*call.body_digest) : aws::PayloadHash::of(request.body));
  if (!call.accept.empty()) request.headers.emplace_back("Accept", std::move(call.accept));
  auto answer = co_await http_.send(limited, std::move(request));
  if (!answer) co_return failure(explained(context, std::move(answer).error(), place));
  Answer made{.response = std::move(*answer),
              .place = std::move(place),
              .limited = std::move(limited),
              .credentials = std::move(credentials)};
  made.place.request_id = net::header_value(made.response->headers(), "x-amzn-requestid");
  co_return std::move(made);
}

base::Awaitable<std::string> Caller::read_refusal(Answer& answer) const {
  std::string said;
  while (said.size() < kLongestErrorBody) {
    auto piece = co_await answer.response->read(answer.limited);
    if (!piece || !*piece) break;  // the status alone tells enough
    said += **piece;
  }
  co_return said;
}

base::Error Caller::refusal(const Answer& answer, std::string_view body) {
  base::Error error =
      error_of_answer(answer.place, answer.response->status(), answer.response->headers(), body);
  learn(error, answer);
  return error;
}

base::Awaitable<Result<Answer>> Caller::send(const base::RequestContext& context, Call call) {
  CAPROCK_CO_TRY(Answer answer, co_await exchange(context, std::move(call)));
  if (answer.response->status() / 100 == 2) co_return std::move(answer);
  const std::string said = co_await read_refusal(answer);
  co_return failure(refusal(answer, said));
}

base::Awaitable<Result<std::optional<std::string>>> Caller::read(const base::RequestContext& context,
                                                                 Answer& answer) const {
  answer.limited.deadline = patience(context);
  auto bytes = co_await answer.response->read(answer.limited);
  if (!bytes) co_return failure(explained(context, std::move(bytes).error(), answer.place));
  co_return std::move(*bytes);
}

base::Awaitable<Result<std::string>> Caller::read_all(const base::RequestContext& context,
                                                      Answer& answer) const {
  std::string all;
  while (true) {
    CAPROCK_CO_TRY(auto piece, co_await read(context, answer));
    if (!piece) break;
    all += *piece;
  }
  if (is_disguised_error(all))
    co_return failure(
        error_of_answer(answer.place, answer.response->status(), answer.response->headers(), all));
  co_return all;
}

}  // namespace caprock::providers::bedrock
