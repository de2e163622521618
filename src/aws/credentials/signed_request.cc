#include "aws/credentials/signed_request.h"

#include "aws/clock_skew.h"
#include "aws/sigv4.h"

namespace caprock::aws {
namespace {

void sign(net::HttpRequest& request, const Credentials& credentials, std::string_view region,
          std::string_view service, base::WallTime now) {
  const std::string host = request.url.authority();
  const std::string_view target = request.url.target;
  const std::size_t question = target.find('?');
  const std::vector<HeaderView> headers(request.headers.begin(), request.headers.end());
  const SigningRequest unsigned_request{
      .method = request.method,
      .host = host,
      .path = target.substr(0, question),
      .query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1),
      .headers = headers,
      .payload = PayloadHash::of(request.body)};
  const SigningKeys keys{.access_key_id = credentials.access_key_id,
                         .secret_access_key = credentials.secret_access_key.reveal(),
                         .session_token = credentials.session_token.reveal()};
  SignatureHeaders signature;
  Signer(1).sign(unsigned_request, keys, {.region = region, .service = service}, now, signature);
  request.headers.emplace_back("x-amz-date", std::string(signature.x_amz_date()));
  if (!credentials.session_token.empty())
    request.headers.emplace_back("x-amz-security-token", credentials.session_token.reveal());
  request.headers.emplace_back("authorization", std::move(signature.authorization));
}

}  // namespace

base::Awaitable<base::Result<HttpAnswer>> call_signed(const base::RequestContext& context,
                                                      const ProviderTools& tools, net::HttpRequest request,
                                                      const Credentials& credentials, std::string region,
                                                      std::string service) {
  ClockSkew skew;
  for (bool again = false;; again = true) {
    const base::WallTime now = tools.clock.wall();
    net::HttpRequest copy = request;
    sign(copy, credentials, region, service, skew.corrected(now));
    CAPROCK_CO_TRY(HttpAnswer answer, co_await call_service(context, tools.http, service,
                                                            tools.request_timeout, std::move(copy)));
    const bool refused = answer.status == 400 || answer.status == 403;
    if (again || !refused || !skew.learn(net::header_value(answer.headers, "date"), now)) co_return answer;
  }
}

}  // namespace caprock::aws
