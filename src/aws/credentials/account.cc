#include "aws/credentials/account.h"

#include "aws/credentials/chain.h"
#include "aws/credentials/config_view.h"
#include "base/log.h"

namespace caprock::aws {
namespace {

/// What the files say about endpoints. A mistake in them is an answer too: everything that needs them gives
/// it.
base::Result<ConfigView> read_view(const CredentialSettings& settings, const Environment& environment) {
  CAPROCK_TRY(const SharedConfig shared, load_shared_config(settings.files(environment)));
  return config_view(environment, shared, settings.profile.empty() ? "default" : settings.profile);
}

ProviderTools make_tools(const CredentialSettings& settings, Environment environment,
                         const AccountTools& tools) {
  const base::Result<ConfigView> view = read_view(settings, environment);
  if (!view) base::log(base::LogLevel::kWarn, view.error().message, {{"file", view.error().detail}});
  const std::string region = view && settings.region.empty() ? view->profile("region") : settings.region;
  return {.http = tools.http,
          .pool = tools.pool,
          .clock = tools.clock,
          .endpoint = [view](Service service, const std::string& where) -> base::Result<Endpoint> {
            if (!view) return base::failure(view.error());
            return find_endpoint(*view, service, where);
          },
          .environment = std::move(environment),
          .region = region,
          .request_timeout = settings.request_timeout};
}

}  // namespace

Account::Account(const CredentialSettings& settings, Environment environment, AccountTools tools)
    : tools_(make_tools(settings, std::move(environment), tools)),
      bedrock_region_(settings.bedrock_region.empty() ? tools_.region : settings.bedrock_region),
      keys_("default", make_credentials(settings, tools_, BearerToken::kIgnored), settings.refresh(),
            tools.clock, tools.home, tools.metrics) {
  if (settings.bearer_token.empty()) return;
  bearer_ =
      std::make_unique<CachedCredentials>("bearer", make_credentials(settings, tools_, BearerToken::kAllowed),
                                          settings.refresh(), tools.clock, tools.home, tools.metrics);
}

const std::string& Account::region(Service service) const {
  const bool bedrock = service == Service::kBedrockRuntime || service == Service::kBedrock ||
                       service == Service::kBedrockAgentRuntime;
  return bedrock ? bedrock_region_ : tools_.region;
}

base::Awaitable<void> Account::close() {
  co_await keys_.close();
  if (bearer_) co_await bearer_->close();
}

}  // namespace caprock::aws
