#include "aws/credentials/instance_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "aws/credentials/credential_document.h"
#include "base/log.h"

namespace caprock::aws {
namespace {

using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::RequestContext;
using base::Result;

constexpr const char* kWho = "the instance metadata service";
constexpr const char* kTokenPath = "/latest/api/token";
constexpr const char* kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr const char* kTokenSeconds = "60";  // three requests; a fetch asks for a fresh one
constexpr std::chrono::minutes kExtension{10};

bool is_role_name(std::string_view name) {
  constexpr std::string_view kOther = "+=,.@-_";
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || kOther.contains(c);
  });
}

std::string first_line(const std::string& text) { return text.substr(0, text.find_first_of("\r\n")); }

class InstanceProvider final : public CredentialProvider {
 public:
  InstanceProvider(const ProviderTools& tools, InstanceSource source)
      : tools_(tools), source_(std::move(source)) {}
  std::string name() const override { return "instance metadata"; }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    if (source_.disabled) co_return Fetched::nothing("AWS_EC2_METADATA_DISABLED is true");
    Result<HttpAnswer> token = co_await ask(context, "PUT", kTokenPath, {});
    if (!token) co_return not_here(context, std::move(token).error());
    if (token->status == 200 && is_visible_ascii(token->body)) co_return co_await role(context, token->body);
    const bool no_tokens = token->status == 403 || token->status == 404 || token->status == 405;
    if (no_tokens && source_.allow_v1) co_return co_await role(context, {});
    if (no_tokens) co_return Fetched::nothing(fmt::format("{} gives no IMDSv2 token", kWho));
    co_return failure(refused_by(kWho, *token, {}, token->body));
  }

 private:
  /// Where no such service is, nobody answers.
  static Result<Fetched> not_here(const RequestContext& context, Error error) {
    if (auto alive = context.check(); !alive) return failure(std::move(alive).error());
    if (error.kind != ErrorKind::kUnavailable) return failure(std::move(error));
    return Fetched::nothing(
        fmt::format("{} does not answer (in a container of an instance its hop limit must be 2)", kWho));
  }

  Awaitable<Result<Fetched>> role(const RequestContext& context, std::string token) {
    CAPROCK_CO_TRY(const HttpAnswer listed, co_await ask(context, "GET", kRolePath, token));
    if (listed.status == 404) co_return Fetched::nothing("the instance has no role");
    if (listed.status != 200) co_return failure(refused_by(kWho, listed, {}, listed.body));
    const std::string role = first_line(listed.body);
    if (!is_role_name(role))
      co_return failure(Error(ErrorKind::kUpstream, fmt::format("{} names no role", kWho)));
    CAPROCK_CO_TRY(const HttpAnswer answer, co_await ask(context, "GET", kRolePath + role, token));
    if (answer.status != 200) co_return failure(refused_by(kWho, answer, {}, answer.body));
    co_return read(answer, role);
  }

  Result<Fetched> read(const HttpAnswer& answer, const std::string& role) const {
    CAPROCK_TRY(const auto object, read_object(answer.body, kWho));
    CAPROCK_TRY(const std::string code, text_field(object, "Code", false, kWho));
    if (!code.empty() && code != "Success") {
      CAPROCK_TRY(std::string message, text_field(object, "Message", false, kWho));
      return failure(refused_by(kWho, answer, code, std::move(message)));
    }
    CAPROCK_TRY(Credentials made, read_credentials(object, {.token = "Token"}, kWho));
    made.source = fmt::format("{}, role '{}'", name(), role);
    const base::WallTime now = tools_.clock.wall();
    if (made.expires && *made.expires <= now) {
      base::log(base::LogLevel::kWarn, "the instance metadata service gave expired credentials; used on",
                {{"role", role}});
      made.expires = now + kExtension;
    }
    return Fetched::some(std::move(made));
  }

  Awaitable<Result<HttpAnswer>> ask(const RequestContext& context, std::string method, std::string path,
                                    std::string token) const {
    Result<net::Url> url = net::parse_url(source_.endpoint);
    if (!url) co_return failure(base::invalid_argument("aws.imds_endpoint", "[aws] imds_endpoint is no URL"));
    // The endpoint may have a path of its own, with or without a slash at its end.
    if (url->target.ends_with('/')) url->target.pop_back();
    url->target += path;
    net::HttpRequest request{.method = method, .url = std::move(*url)};
    if (method == "PUT")
      request.headers.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", kTokenSeconds);
    else if (!token.empty())
      request.headers.emplace_back("x-aws-ec2-metadata-token", std::move(token));
    co_return co_await call_service(context, tools_.http, kWho, source_.timeout, std::move(request));
  }

  const ProviderTools& tools_;
  InstanceSource source_;
};

}  // namespace

std::unique_ptr<CredentialProvider> instance_provider(const ProviderTools& tools, InstanceSource source) {
  return std::make_unique<InstanceProvider>(tools, std::move(source));
}

}  // namespace caprock::aws
