#include "providers/openai_compatible/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "providers/openai_compatible/error_codec.h"

namespace caprock::providers::openai {

using base::failure;
using base::Result;
using Response = std::unique_ptr<net::HttpResponse>;

namespace {

constexpr std::size_t kLongestErrorBody = 64U << 10;

}  // namespace

Server::Server(net::HttpClient& http, const Dialect& dialect, ServerSettings settings,
               std::chrono::milliseconds patience)
    : http_(http), dialect_(dialect), settings_(std::move(settings)), patience_(patience) {}

base::RequestContext Server::patient(const base::RequestContext& context) const {
  base::RequestContext limited = context;
  limited.deadline = base::Deadline(std::min(context.deadline.at(), base::Deadline::after(patience_).at()));
  return limited;
}

// Our own impatience is the server's fault, the request's deadline is not.
base::Error Server::explained(const base::RequestContext& context, base::Error error) const {
  if (error.kind == base::ErrorKind::kDeadlineExceeded && !context.deadline.passed()) {
    error.cause = base::ErrorCause::kSilent;
    error.message = fmt::format("{} was silent for {} s", dialect_.title,
                                std::chrono::duration<double>(patience_).count());
  }
  // The names of the operator's hosts are for the log.
  if (error.kind == base::ErrorKind::kUnavailable) {
    error.cause = base::ErrorCause::kUnreached;
    error.detail = std::exchange(error.message, dialect_.title + " cannot be reached");
  }
  if (error.kind == base::ErrorKind::kUpstream) error.cause = base::ErrorCause::kBrokenOff;
  error.origin.component = dialect_.name;
  return error;
}

base::Awaitable<Result<Response>> Server::post(const base::RequestContext& context, std::string path,
                                               std::string body, std::string model) const {
  return send(context, "POST", std::move(path), std::move(body), std::move(model));
}

base::Awaitable<Result<Response>> Server::get(const base::RequestContext& context, std::string path) const {
  return send(context, "GET", std::move(path), {}, {});
}

base::Awaitable<Result<Response>> Server::send(const base::RequestContext& context, std::string method,
                                               std::string path, std::string body, std::string model) const {
  CAPROCK_CO_CHECK(context.check());
  CAPROCK_CO_TRY(auto url, net::parse_url(settings_.url(dialect_) + path));
  net::HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.trust = net::Trust::kOperator;
  request.headers = {{"Accept", "application/json, text/event-stream"}};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (!settings_.api_key.empty())
    request.headers.emplace_back("Authorization", "Bearer " + settings_.api_key.reveal());
  request.body = std::move(body);
  const base::RequestContext limited = patient(context);
  auto answer = co_await http_.send(limited, std::move(request));
  if (!answer) co_return failure(explained(context, std::move(answer).error()));
  const int status = (*answer)->status();
  if (status >= 200 && status < 300) co_return std::move(*answer);
  std::string said;
  while (said.size() < kLongestErrorBody) {
    auto piece = co_await (*answer)->read(limited);
    if (!piece || !*piece) break;  // the status alone tells enough
    said += **piece;
  }
  co_return failure(error_of(dialect_, model, status, (*answer)->headers(), said));
}

base::Awaitable<Result<std::optional<std::string>>> Server::read(const base::RequestContext& context,
                                                                 net::HttpResponse& response) const {
  const base::RequestContext limited = patient(context);
  auto bytes = co_await response.read(limited);
  if (!bytes) co_return failure(explained(context, std::move(bytes).error()));
  co_return std::move(*bytes);
}

base::Awaitable<Result<std::string>> Server::read_all(const base::RequestContext& context,
                                                      net::HttpResponse& response) const {
  std::string all;
  while (true) {
    CAPROCK_CO_TRY(auto piece, co_await read(context, response));
    if (!piece) co_return all;
    all += *piece;
  }
}

}  // namespace caprock::providers::openai
