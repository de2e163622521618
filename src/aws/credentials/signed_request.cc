#include "aws/credentials/signed_request.h"

#include "aws/sigv4.h"

namespace caprock::aws {

void sign_request(net::HttpRequest& request, const Credentials& credentials, std::string_view region,
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

}  // namespace caprock::aws
