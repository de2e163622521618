#include "aws/credentials/assume_role_provider.h"

#include <fmt/format.h>

#include "aws/credentials/signed_request.h"
#include "aws/credentials/sts_request.h"

namespace caprock::aws {
namespace {

using base::Awaitable;
using base::RequestContext;
using base::Result;

constexpr const char* kAction = "AssumeRole";

class AssumeRoleProvider final : public CredentialProvider {
 public:
  AssumeRoleProvider(const ProviderTools& tools, std::unique_ptr<CredentialProvider> source, Role role)
      : tools_(tools), source_(std::move(source)), role_(std::move(role)) {}
  std::string name() const override { return "assume role"; }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    CAPROCK_CO_TRY(Fetched with, co_await source_->fetch(context));
    if (!with) co_return with;
    CAPROCK_CO_TRY(Credentials made, co_await assume_role(context, tools_, *with, role_));
    co_return Fetched::some(std::move(made));
  }

 private:
  const ProviderTools& tools_;
  std::unique_ptr<CredentialProvider> source_;
  Role role_;
};

}  // namespace

Awaitable<Result<Credentials>> assume_role(const RequestContext& context, const ProviderTools& tools,
                                           const Credentials& with, const Role& role) {
  if (with.is_bearer())
    co_return base::failure(
        base::invalid_argument("role_arn", "a role cannot be assumed with a bearer token"));
  const base::WallTime now = tools.clock.wall();
  CAPROCK_CO_TRY(net::HttpRequest request,
                 sts_request(tools, role.region, form_encode(role_fields(kAction, role, now))));
  CAPROCK_CO_TRY(const HttpAnswer answer, co_await call_signed(context, tools, std::move(request), with,
                                                               tools.region_or(role.region), "sts"));
  CAPROCK_CO_TRY(Credentials made, read_sts_answer(answer, kAction));
  made.source = fmt::format("{}, then role '{}'", with.source, role.arn);
  co_return made;
}

std::unique_ptr<CredentialProvider> assume_role_provider(const ProviderTools& tools,
                                                         std::unique_ptr<CredentialProvider> source,
                                                         Role role) {
  return std::make_unique<AssumeRoleProvider>(tools, std::move(source), std::move(role));
}

}  // namespace caprock::aws
