#include "aws/credentials/container_provider.h"

#include <fmt/format.h>

#include <array>

#include "aws/credentials/credential_document.h"
#include "net/address_policy.h"

namespace caprock::aws {
namespace {

using base::Awaitable;
using base::failure;
using base::RequestContext;
using base::Result;

constexpr const char* kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr const char* kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
// ECS; EKS Pod Identity by IPv4 and IPv6.
constexpr std::array<std::string_view, 3> kHosts{"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
constexpr std::string_view kWho = "the container credential endpoint";

/// Clear text is for the machine itself and the two services only: the answer holds secrets.
bool host_allowed(const std::string& host) {
  if (host == "localhost") return true;
  const std::optional<net::IpAddress> address = net::IpAddress::parse(host);
  if (!address) return false;
  for (const std::string_view known : kHosts)
    if (*address == net::IpAddress::parse(known)) return true;
  static const net::Network kLoopback4 = net::Network::parse("127.0.0.0/8").value();
  static const net::Network kLoopback6 = net::Network::parse("::1").value();
  return kLoopback4.contains(*address) || kLoopback6.contains(*address);
}

/// The services answer errors as {"code","message"}.
std::string error_text(const HttpAnswer& answer, std::string_view key) {
  const auto object = read_object(answer.body, kWho);
  if (!object) return {};
  return text_field(*object, key, false, kWho).value_or(std::string());
}

class ContainerProvider final : public CredentialProvider {
 public:
  explicit ContainerProvider(const ProviderTools& tools) : tools_(tools) {}
  std::string name() const override { return "container"; }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    CAPROCK_CO_TRY(const std::optional<net::Url> url, container_url(tools_.environment));
    if (!url) co_return Fetched::nothing(fmt::format("neither {} nor {} is set", kRelative, kFull));
    net::HttpRequest request{.url = *url, .headers = {{"accept", "application/json"}}};
    CAPROCK_CO_TRY(const base::Secret token, co_await this->token(context));
    if (!token.empty()) request.headers.emplace_back("authorization", token.reveal());
    CAPROCK_CO_TRY(const HttpAnswer answer,
                   co_await call_service(context, tools_.http, std::string(kWho), tools_.request_timeout,
                                         std::move(request)));
    if (answer.status != 200)
      co_return failure(
          refused_by(std::string(kWho), answer, error_text(answer, "code"), error_text(answer, "message")));
    CAPROCK_CO_TRY(const auto object, read_object(answer.body, kWho));
    CAPROCK_CO_TRY(Credentials made, read_credentials(object, {.token = "Token"}, kWho));
    made.source = name();
    co_return Fetched::some(std::move(made));
  }

 private:
  Awaitable<Result<base::Secret>> token(const RequestContext& context) const {
    const std::string file = variable(tools_.environment, kTokenFile);
    if (!file.empty()) co_return co_await read_token_file(context, tools_.pool, file, kTokenFile);
    std::string text = variable(tools_.environment, kToken);
    for (const char c : text)
      if (static_cast<unsigned char>(c) < 0x20)
        co_return failure(base::invalid_argument(kToken, fmt::format("{} holds a line end", kToken)));
    co_return base::Secret(std::move(text));
  }

  const ProviderTools& tools_;
};

}  // namespace

Result<std::optional<net::Url>> container_url(const Environment& environment) {
  const std::string relative = variable(environment, kRelative);
  const std::string full = variable(environment, kFull);
  if (relative.empty() && full.empty()) return std::nullopt;
  const char* field = relative.empty() ? kFull : kRelative;
  if (!relative.empty() && !relative.starts_with('/'))
    return failure(base::invalid_argument(field, fmt::format("{} does not begin with '/'", field)));
  Result<net::Url> url =
      net::parse_url(relative.empty() ? full : fmt::format("http://{}{}", kHosts[0], relative));
  if (!url)
    return failure(base::invalid_argument(field, fmt::format("{} is no URL that can be used", field))
                       .with_detail(url.error().message));
  if (!url->tls() && !host_allowed(url->host))
    return failure(base::invalid_argument(
        field, fmt::format("{} must be https, or lead to a loopback address, 169.254.170.2, 169.254.170.23 "
                           "or [fd00:ec2::23]",
                           field)));
  return std::move(*url);
}

std::unique_ptr<CredentialProvider> container_provider(const ProviderTools& tools) {
  return std::make_unique<ContainerProvider>(tools);
}

}  // namespace caprock::aws
