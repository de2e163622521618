#include "net/fetch_url.h"

#include <fmt/format.h>

#include <algorithm>

namespace caprock::net {
namespace {

using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::RequestContext;
using base::Result;

Result<void> check_status(const HttpResponse& response) {
  const int status = response.status();
  if (status == 200) return {};
  const bool theirs = status >= 400 && status < 500;
  return failure(Error(theirs ? ErrorKind::kUnprocessable : ErrorKind::kUpstream,
                       fmt::format("{} answered with status {}", response.url().text(), status)));
}

Awaitable<Result<Fetched>> fetch(HttpClient& client, const RequestContext& context, std::string text) {
  const NetSettings& settings = client.settings();
  HttpRequest request;
  CAPROCK_CO_TRY(request.url, parse_url(text));
  request.headers = {{"accept", "*/*"}, {"accept-encoding", "identity"}};
  request.max_redirects = static_cast<int>(settings.fetch_redirects);
  request.response_limit = settings.fetch_limit.count;
  CAPROCK_CO_TRY(std::unique_ptr<HttpResponse> response, co_await client.send(context, std::move(request)));
  CAPROCK_CO_CHECK(check_status(*response));
  const std::string_view encoding = header_value(response->headers(), "content-encoding");
  if (!encoding.empty() && encoding != "identity")
    co_return failure(
        Error(ErrorKind::kUpstream, "the server compressed its answer although it was asked not to"));
  Fetched fetched;
  CAPROCK_CO_TRY(fetched.bytes, co_await read_all(context, *response));
  fetched.content_type = header_value(response->headers(), "content-type");
  fetched.file_name = file_name_of(response->url());
  fetched.final_url = response->url();
  co_return fetched;
}

}  // namespace

Awaitable<Result<Fetched>> fetch_url(HttpClient& client, const RequestContext& context, std::string url) {
  RequestContext bounded = context;
  const base::Deadline own = base::Deadline::after(client.settings().fetch_timeout);
  if (own.at() < bounded.deadline.at()) bounded.deadline = own;
  Result<Fetched> fetched = co_await fetch(client, bounded, std::move(url));
  if (!fetched && fetched.error().field.empty()) fetched.error().field = "url";
  co_return fetched;
}

}  // namespace caprock::net
