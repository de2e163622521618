#include "aws/credentials/web_identity_provider.h"

#include <fmt/format.h>

#include "aws/credentials/sts_request.h"

namespace caprock::aws {
namespace {

using base::Awaitable;
using base::RequestContext;
using base::Result;

constexpr const char* kAction = "AssumeRoleWithWebIdentity";
constexpr const char* kTokenFile = "AWS_WEB_IDENTITY_TOKEN_FILE";
constexpr const char* kRole = "AWS_ROLE_ARN";

class WebIdentityProvider final : public CredentialProvider {
 public:
  WebIdentityProvider(const ProviderTools& tools, WebIdentity identity)
      : tools_(tools), identity_(std::move(identity)) {}
  std::string name() const override { return "web identity"; }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    if (identity_.token_file.empty()) co_return Fetched::nothing(fmt::format("{} is not set", kTokenFile));
    if (identity_.role.arn.empty())
      co_return base::failure(
          base::invalid_argument(kRole, fmt::format("{} is not set, but {} is", kRole, kTokenFile)));
    CAPROCK_CO_TRY(const base::Secret token,
                   co_await read_token_file(context, tools_.pool, identity_.token_file, kTokenFile));
    // This action takes neither external id nor tags: those are claims of the token.
    const Role role{.arn = identity_.role.arn,
                    .session_name = identity_.role.session_name,
                    .duration = identity_.role.duration};
    FormFields fields = role_fields(kAction, role, tools_.clock.wall());
    fields.emplace_back("WebIdentityToken", token.reveal());
    CAPROCK_CO_TRY(net::HttpRequest request, sts_request(tools_, identity_.role.region, form_encode(fields)));
    CAPROCK_CO_TRY(
        const HttpAnswer answer,
        co_await call_service(context, tools_.http, "sts", tools_.request_timeout, std::move(request)));
    CAPROCK_CO_TRY(Credentials made, read_sts_answer(answer, kAction));
    made.source = fmt::format("{}, role '{}'", name(), identity_.role.arn);
    co_return Fetched::some(std::move(made));
  }

 private:
  const ProviderTools& tools_;
  WebIdentity identity_;
};

}  // namespace

std::unique_ptr<CredentialProvider> web_identity_provider(const ProviderTools& tools, WebIdentity identity) {
  return std::make_unique<WebIdentityProvider>(tools, std::move(identity));
}

}  // namespace caprock::aws
