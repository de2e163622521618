#include "aws/credentials/secret_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cctype>

#include "aws/credentials/credential_document.h"
#include "aws/credentials/signed_request.h"
#include "base/json/json_text.h"

namespace caprock::aws {
namespace {

namespace json = boost::json;
using base::Awaitable;
using base::failure;
using base::RequestContext;
using base::Result;

constexpr std::string_view kService = "secretsmanager";
constexpr std::string_view kSecret = "the secret";

/// arn:aws:secretsmanager:REGION:…, or empty.
std::string region_of(std::string_view secret) {
  if (!secret.starts_with("arn:")) return {};
  for (int i = 0; i < 3; ++i) secret.remove_prefix(std::min(secret.find(':') + 1, secret.size()));
  return std::string(secret.substr(0, secret.find(':')));
}

/// "AWS_ACCESS_KEY_ID", "AccessKeyId" and "access_key_id" are "accesskeyid".
std::string plain_key(std::string_view key) {
  std::string plain;
  for (const char c : key)
    if (c != '_' && c != '-') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return plain.starts_with("aws") ? plain.substr(3) : plain;
}

Result<json::object> plain_keys(const json::object& object) {
  json::object plain;
  for (const auto& [key, value] : object)
    if (!plain.emplace(plain_key(key), value).second)
      return failure(base::Error(base::ErrorKind::kUpstream, "the secret has one field in two spellings"));
  return plain;
}

class SecretProvider final : public CredentialProvider {
 public:
  SecretProvider(const ProviderTools& tools, std::unique_ptr<CredentialProvider> source, std::string secret)
      : tools_(tools), source_(std::move(source)), secret_(std::move(secret)) {}
  std::string name() const override { return "secrets manager"; }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    CAPROCK_CO_TRY(Fetched with, co_await source_->fetch(context));
    if (!with) co_return with;
    if (with->is_bearer())
      co_return failure(base::invalid_argument("secret_id", "a secret cannot be read with a bearer token"));
    CAPROCK_CO_TRY(const HttpAnswer answer, co_await ask(context, *with));
    if (answer.status != 200) co_return failure(refusal(answer));
    CAPROCK_CO_TRY(const json::object object, read_object(answer.body, kService));
    CAPROCK_CO_TRY(const std::string text, text_field(object, "SecretString", true, kService));
    CAPROCK_CO_TRY(Credentials made, read_secret(text));
    made.source = fmt::format("secret '{}', read with {}", secret_, with->source);
    co_return Fetched::some(std::move(made));
  }

 private:
  Awaitable<Result<HttpAnswer>> ask(const RequestContext& context, const Credentials& with) const {
    const std::string region = tools_.region_or(region_of(secret_));
    CAPROCK_CO_TRY(const Endpoint endpoint, tools_.endpoint(Service::kSecretsManager, region));
    net::HttpRequest request{.method = "POST",
                             .url = endpoint.url,
                             .headers = {{"content-type", "application/x-amz-json-1.1"},
                                         {"x-amz-target", "secretsmanager.GetSecretValue"}},
                             .body = base::json_text(json::object{{"SecretId", secret_}})};
    co_return co_await call_signed(context, tools_, std::move(request), with, region, std::string(kService));
  }

  static base::Error refusal(const HttpAnswer& answer) {
    std::string code;
    std::string message;
    if (const auto object = read_object(answer.body, kService)) {
      code = text_field(*object, "__type", false, kService).value_or("");
      message = text_field(*object, "message", false, kService).value_or("");
    }
    return refused_by(std::string(kService), answer, code.substr(code.find('#') + 1), std::move(message));
  }

  const ProviderTools& tools_;
  std::unique_ptr<CredentialProvider> source_;
  std::string secret_;
};

}  // namespace

Result<Credentials> read_secret(std::string_view text) {
  CAPROCK_TRY(const json::object object, read_object(text, kSecret));
  CAPROCK_TRY(const json::object plain, plain_keys(object));
  Credentials made;
  for (const char* key : {"bearertoken", "bearertokenbedrock"}) {
    CAPROCK_TRY(std::string token, text_field(plain, key, false, kSecret));
    if (token.empty()) continue;
    if (!is_visible_ascii(token))
      return failure(base::Error(base::ErrorKind::kUpstream, "the secret has a bearer token that is none"));
    made.bearer_token = base::Secret(std::move(token));
    return made;
  }
  CAPROCK_TRY(made.access_key_id, text_field(plain, "accesskeyid", true, kSecret));
  CAPROCK_TRY(std::string secret, text_field(plain, "secretaccesskey", true, kSecret));
  CAPROCK_TRY(std::string token, text_field(plain, "sessiontoken", false, kSecret));
  made.secret_access_key = base::Secret(std::move(secret));
  made.session_token = base::Secret(std::move(token));
  CAPROCK_CHECK(check_credentials(made, kSecret));
  return made;
}

std::unique_ptr<CredentialProvider> secret_provider(const ProviderTools& tools,
                                                    std::unique_ptr<CredentialProvider> source,
                                                    std::string secret) {
  return std::make_unique<SecretProvider>(tools, std::move(source), std::move(secret));
}

}  // namespace caprock::aws
