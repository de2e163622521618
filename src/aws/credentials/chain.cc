#include "aws/credentials/chain.h"

#include <fmt/format.h>

#include "aws/credentials/assume_role_provider.h"
#include "aws/credentials/bearer_provider.h"
#include "aws/credentials/container_provider.h"
#include "aws/credentials/environment_provider.h"
#include "aws/credentials/instance_provider.h"
#include "aws/credentials/profile_provider.h"
#include "aws/credentials/secret_provider.h"
#include "aws/credentials/web_identity_provider.h"

namespace caprock::aws {
namespace {

using base::Awaitable;
using base::RequestContext;
using base::Result;
using Providers = std::vector<std::unique_ptr<CredentialProvider>>;

class Chain final : public CredentialProvider {
 public:
  explicit Chain(Providers providers) : providers_(std::move(providers)) {}
  std::string name() const override { return "chain"; }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    std::string tried;
    for (const auto& provider : providers_) {
      Result<Fetched> answer = co_await provider->fetch(context);
      if (!answer) co_return base::failure(after(std::move(tried), *provider, std::move(answer).error()));
      if (*answer) co_return answer;
      // A chain within a chain has named its own.
      if (!tried.empty()) tried += "; ";
      tried += provider->name() == name() ? answer->because()
                                          : fmt::format("{} ({})", provider->name(), answer->because());
    }
    co_return Fetched::nothing(std::move(tried));
  }

 private:
  static base::Error after(std::string tried, const CredentialProvider& provider, base::Error error) {
    if (!tried.empty())
      error.detail += fmt::format("{}asked before: {}", error.detail.empty() ? "" : "; ", tried);
    if (error.origin.component.empty()) error.origin.component = provider.name();
    return error;
  }

  Providers providers_;
};

std::unique_ptr<CredentialProvider> profile(const CredentialSettings& settings, const ProviderTools& tools) {
  ProfileSource source{.files = settings.files(tools.environment)};
  source.chosen = !settings.profile.empty() || settings.credentials == "profile";
  if (!settings.profile.empty()) source.profile = settings.profile;
  source.instance = settings.instance();
  source.process.time = settings.process_timeout;
  return profile_provider(tools, std::move(source));
}

/// The list. The order is that of AWS's SDKs
/// (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html): what a person set for
/// this process before what is set for the machine, and the network last.
Providers keys(const CredentialSettings& settings, const ProviderTools& tools) {
  Providers all;
  const auto wanted = [&](const char* name) {
    return settings.credentials == "auto" || settings.credentials == name;
  };
  if (wanted("environment")) all.push_back(environment_provider(tools.environment));
  if (wanted("profile")) all.push_back(profile(settings, tools));
  if (wanted("web_identity"))
    all.push_back(web_identity_provider(tools, settings.web_identity(tools.environment)));
  if (wanted("container")) all.push_back(container_provider(tools));
  if (wanted("instance")) all.push_back(instance_provider(tools, settings.instance()));
  return all;
}

}  // namespace

std::unique_ptr<CredentialProvider> chain(Providers providers) {
  return std::make_unique<Chain>(std::move(providers));
}

std::unique_ptr<CredentialProvider> make_credentials(const CredentialSettings& settings,
                                                     const ProviderTools& tools, BearerToken bearer) {
  std::unique_ptr<CredentialProvider> found = chain(keys(settings, tools));
  // The secret is read with what was found, and the role is assumed with what the secret says.
  if (!settings.secret_id.empty()) found = secret_provider(tools, std::move(found), settings.secret_id);
  if (!settings.role_arn.empty()) found = assume_role_provider(tools, std::move(found), settings.role());
  if (bearer == BearerToken::kIgnored) return found;
  // First, and by itself: with a bearer token nothing else is resolved.
  Providers all;
  all.push_back(bearer_provider(settings.bearer_token));
  all.push_back(std::move(found));
  return chain(std::move(all));
}

}  // namespace caprock::aws
