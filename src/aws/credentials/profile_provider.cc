#include "aws/credentials/profile_provider.h"

#include <fmt/format.h>

#include "aws/credentials/assume_role_provider.h"
#include "aws/credentials/container_provider.h"
#include "aws/credentials/credential_document.h"
#include "aws/credentials/environment_provider.h"
#include "aws/credentials/process_provider.h"
#include "aws/credentials/profile_plan.h"
#include "aws/credentials/sso_provider.h"
#include "aws/credentials/web_identity_provider.h"

namespace caprock::aws {
namespace {

using base::Awaitable;
using base::RequestContext;
using base::Result;

/// Keys that stand in the shared files.
class KeysProvider final : public CredentialProvider {
 public:
  explicit KeysProvider(StaticKeys keys) : keys_(std::move(keys)) {}
  std::string name() const override { return "keys"; }
  Awaitable<Result<Fetched>> fetch(const RequestContext&) override {
    Credentials made{.access_key_id = keys_.access_key_id,
                     .secret_access_key = keys_.secret_access_key,
                     .session_token = keys_.session_token};
    made.account_id = keys_.account_id;
    made.source = name();
    CAPROCK_CO_CHECK(check_credentials(made, "the profile"));
    co_return Fetched::some(std::move(made));
  }

 private:
  StaticKeys keys_;
};

/// The provider of a plan's first credentials.
struct MakeBase {
  const ProviderTools& tools;
  const ProfileSource& source;
  using Made = std::unique_ptr<CredentialProvider>;

  Made operator()(StaticKeys& keys) const { return std::make_unique<KeysProvider>(std::move(keys)); }
  Made operator()(ProcessCommand& command) const {
    return process_provider(tools, std::move(command), source.process);
  }
  Made operator()(SsoAccount& account) const { return sso_provider(tools, std::move(account)); }
  Made operator()(WebIdentity& identity) const {
    identity.token_file = expand_home(identity.token_file, tools.environment);
    return web_identity_provider(tools, std::move(identity));
  }
  Made operator()(NamedSource& named) const {
    switch (named) {
      case NamedSource::kEnvironment:
        return environment_provider(tools.environment);
      case NamedSource::kContainer:
        return container_provider(tools);
      case NamedSource::kInstance:
        break;
    }
    return instance_provider(tools, source.instance);
  }
};

class ProfileProvider final : public CredentialProvider {
 public:
  ProfileProvider(const ProviderTools& tools, ProfileSource source)
      : tools_(tools), source_(std::move(source)) {}
  std::string name() const override { return fmt::format("profile '{}'", source_.profile); }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    const auto load = [this] { return load_shared_config(source_.files); };
    CAPROCK_CO_TRY(const SharedConfig config, co_await tools_.pool.run(context, load));
    if (config.profile(source_.profile) == nullptr && !source_.chosen)
      co_return Fetched::nothing("it is not in the shared files");
    CAPROCK_CO_TRY(std::optional<ProfilePlan> plan, plan_profile(config, source_.profile));
    if (!plan) co_return Fetched::nothing("it names no credentials");
    const auto provider = std::visit(MakeBase{tools_, source_}, plan->base);
    CAPROCK_CO_TRY(Fetched made, co_await provider->fetch(context));
    if (!made) co_return no_base(*provider, made);
    made->source = made->source == "keys" ? name() : fmt::format("{} by {}", name(), made->source);
    // The files can always change, also where the source itself cannot.
    if (!std::holds_alternative<ProcessCommand>(plan->base)) made->fixed = false;
    const std::string own_region = config.profile(source_.profile)->text("region");
    for (Role& role : plan->roles) {
      if (role.region.empty() && tools_.region.empty()) role.region = own_region;
      CAPROCK_CO_TRY(*made, co_await assume_role(context, tools_, *made, role));
    }
    co_return made;
  }

 private:
  /// A profile that names its source and gets nothing from there is misconfigured.
  Result<Fetched> no_base(const CredentialProvider& provider, const Fetched& made) const {
    return base::failure(base::invalid_argument(
        "credential_source",
        fmt::format("the AWS {} asks for credentials of {}: {}", name(), provider.name(), made.because())));
  }

  const ProviderTools& tools_;
  ProfileSource source_;
};

}  // namespace

std::unique_ptr<CredentialProvider> profile_provider(const ProviderTools& tools, ProfileSource source) {
  return std::make_unique<ProfileProvider>(tools, std::move(source));
}

}  // namespace caprock::aws
