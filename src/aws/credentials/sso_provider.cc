#include "aws/credentials/sso_provider.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "aws/credentials/credential_document.h"
#include "aws/credentials/read_file.h"
#include "aws/credentials/sso_token.h"
#include "aws/sigv4.h"
#include "base/json/json_text.h"
#include "base/log.h"

namespace caprock::aws {
namespace {

namespace json = boost::json;
using base::Awaitable;
using base::ErrorKind;
using base::failure;
using base::RequestContext;
using base::Result;

constexpr std::string_view kWho = "sso";
constexpr std::size_t kLargestFile = 64UL * 1024;
constexpr std::chrono::minutes kRenewBefore{15};  ///< as botocore does

class SsoProvider final : public CredentialProvider {
 public:
  SsoProvider(const ProviderTools& tools, SsoAccount account)
      : tools_(tools), account_(std::move(account)), file_(file_of(tools.environment, account_)) {}
  std::string name() const override { return "sso"; }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    CAPROCK_CO_TRY(SsoToken token, co_await load(context));
    const base::WallTime now = tools_.clock.wall();
    if (token.expires - now < kRenewBefore && !account_.session_name.empty() && token.renewable(now)) {
      Result<SsoToken> fresh = co_await renew(context, token);
      if (fresh)
        token = std::move(*fresh);
      else if (token.expires <= now)
        co_return failure(not_renewed(std::move(fresh).error()));
    }
    if (token.expires <= now) co_return failure(log_in("has expired"));
    CAPROCK_CO_TRY(Credentials made, co_await exchange(context, token));
    made.account_id = account_.account_id;
    made.source = fmt::format("sso, role '{}' of account {}", account_.role_name, account_.account_id);
    co_return Fetched::some(std::move(made));
  }

 private:
  static std::string file_of(const Environment& environment, const SsoAccount& account) {
    return expand_home("~/.aws/sso/cache/", environment) +
           sso_cache_name(account.session_name.empty() ? account.start_url : account.session_name);
  }

  base::Error log_in(const char* state) const {
    return base::invalid_argument("sso_session",
                                  fmt::format("the SSO session {}; run 'aws sso login'", state))
        .with_detail(file_);
  }

  /// What may pass is tried again; a session that AWS has ended needs its person.
  base::Error not_renewed(base::Error error) const {
    if (error.kind != ErrorKind::kUpstream) return error;
    return log_in("has expired and could not be renewed").with_detail(error.message + ": " + error.detail);
  }

  Awaitable<Result<SsoToken>> load(const RequestContext& context) const {
    const auto read = [this] { return read_small_file(file_, kLargestFile); };
    CAPROCK_CO_TRY(const std::optional<std::string> text, co_await tools_.pool.run(context, read));
    if (!text) co_return failure(log_in("is not there"));
    co_return read_sso_token(*text);
  }

  Awaitable<Result<SsoToken>> renew(const RequestContext& context, const SsoToken& token) const {
    CAPROCK_CO_TRY(const Endpoint endpoint, tools_.endpoint(Service::kSsoOidc, account_.region));
    net::HttpRequest request{.method = "POST",
                             .url = endpoint.at("/token"),
                             .headers = {{"content-type", "application/json"}},
                             .body = renewal_body(token)};
    CAPROCK_CO_TRY(
        const HttpAnswer answer,
        co_await call_service(context, tools_.http, "sso-oidc", tools_.request_timeout, std::move(request)));
    if (answer.status != 200) co_return failure(refusal("sso-oidc", answer, "error"));
    CAPROCK_CO_TRY(SsoToken fresh, renewed(token, answer.body, tools_.clock.wall()));
    const std::string text = base::json_text(fresh.document);
    const auto write = [this, &text] { return replace_private_file(file_, text); };
    if (auto kept = co_await tools_.pool.run(context, write); !kept)
      base::log_error(context, "the renewed SSO token could not be written back", kept.error());
    co_return fresh;
  }

  Awaitable<Result<Credentials>> exchange(const RequestContext& context, const SsoToken& token) const {
    CAPROCK_CO_TRY(const Endpoint endpoint, tools_.endpoint(Service::kSso, account_.region));
    const std::string path = fmt::format("/federation/credentials?role_name={}&account_id={}",
                                         uri_encode(account_.role_name), uri_encode(account_.account_id));
    net::HttpRequest request{.url = endpoint.at(path),
                             .headers = {{"x-amz-sso_bearer_token", token.access_token.reveal()}}};
    CAPROCK_CO_TRY(const HttpAnswer answer,
                   co_await call_service(context, tools_.http, std::string(kWho), tools_.request_timeout,
                                         std::move(request)));
    if (answer.status == 401) co_return failure(log_in("was ended"));
    if (answer.status != 200) co_return failure(refusal(std::string(kWho), answer, "message"));
    co_return read_role_credentials(answer.body);
  }

  static base::Error refusal(std::string who, const HttpAnswer& answer, std::string_view key) {
    const std::string type(net::header_value(answer.headers, "x-amzn-errortype"));
    std::string text;
    if (const auto object = read_object(answer.body, who))
      text = text_field(*object, key, false, who).value_or(std::string());
    return refused_by(std::move(who), answer, type.substr(0, type.find(':')), std::move(text));
  }

  const ProviderTools& tools_;
  SsoAccount account_;
  std::string file_;
};

}  // namespace

Result<Credentials> read_role_credentials(std::string_view text) {
  CAPROCK_TRY(const json::object answer, read_object(text, kWho));
  const json::value* inner = answer.if_contains("roleCredentials");
  if (inner == nullptr || !inner->is_object())
    return failure(base::Error(ErrorKind::kUpstream, "the answer of sso has no roleCredentials"));
  const json::object& object = inner->as_object();
  Credentials made;
  CAPROCK_TRY(made.access_key_id, text_field(object, "accessKeyId", true, kWho));
  CAPROCK_TRY(std::string secret, text_field(object, "secretAccessKey", true, kWho));
  CAPROCK_TRY(std::string token, text_field(object, "sessionToken", true, kWho));
  made.secret_access_key = base::Secret(std::move(secret));
  made.session_token = base::Secret(std::move(token));
  const json::value* expiration = object.if_contains("expiration");
  constexpr std::int64_t kLatest = 9'000'000'000'000;  // milliseconds; the clock's nanoseconds end in 2262
  if (expiration == nullptr || !expiration->is_int64() || expiration->as_int64() <= 0 ||
      expiration->as_int64() > kLatest)
    return failure(base::Error(ErrorKind::kUpstream, "the answer of sso has no expiration in milliseconds"));
  made.expires = base::WallTime(std::chrono::milliseconds(expiration->as_int64()));
  CAPROCK_CHECK(check_credentials(made, kWho));
  return made;
}

std::unique_ptr<CredentialProvider> sso_provider(const ProviderTools& tools, SsoAccount account) {
  return std::make_unique<SsoProvider>(tools, std::move(account));
}

}  // namespace caprock::aws
