#include "providers/bedrock/aws_account.h"

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <thread>

#include "aws/credentials/chain.h"
#include "aws/credentials/config_view.h"
#include "base/blocking_pool.h"

namespace caprock::providers::bedrock {

namespace asio = boost::asio;
using base::failure;
using base::Result;

namespace {

/// The shared files are read at each look, which is rare: once a service at the start, and once a fetch of
/// credentials.
Result<aws::Endpoint> look_up(const aws::CredentialSettings& settings, const aws::Environment& environment,
                              aws::Service service, const std::string& url, std::string region) {
  CAPROCK_TRY(const auto shared, aws::load_shared_config(settings.files(environment)));
  const std::string profile = settings.profile.empty() ? "default" : settings.profile;
  CAPROCK_TRY(const auto view, aws::config_view(environment, shared, profile));
  CAPROCK_TRY(auto options, aws::read_endpoint_options(view, service));
  if (!region.empty()) options.region = std::move(region);
  if (!url.empty()) options.url = url;
  if (options.region.empty())
    return failure(base::invalid_argument(
        "aws.region", "no AWS region is set: AWS_REGION, [aws] region, or the region of the profile"));
  return aws::resolve_endpoint(service, options);
}

}  // namespace

// In order of dependency: the client's connections and the credentials live on the loop, the tools outlive
// the providers that hold them.
struct AwsAccount::State {
  explicit State(const Parts& parts)
      : http(parts.net),
        tools{.http = http,
              .pool = pool,
              .clock = base::system_clock(),
              .endpoint = [&parts](std::string_view service, std::string_view region) -> Result<net::Url> {
                const auto known = aws::service_named(service);
                if (!known) return failure(base::internal_error("no endpoint for " + std::string(service)));
                CAPROCK_TRY(auto found,
                            look_up(parts.aws, parts.environment, *known, {}, std::string(region)));
                return found.at("/");
              },
              .environment = parts.environment,
              .region = parts.aws.region,
              .request_timeout = parts.aws.request_timeout},
        credentials("bedrock", aws::make_credentials(parts.aws, tools, aws::BearerToken::kAllowed),
                    parts.aws.refresh(), base::system_clock(), loop.get_executor(), parts.metrics),
        thread([this] { loop.run(); }) {}
  ~State() {
    loop.stop();
    thread.join();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> busy{loop.get_executor()};
  base::BlockingPool pool{{.name = "credentials", .threads = 1, .queue = 64}};
  net::HttpClient http;
  aws::ProviderTools tools;
  aws::CachedCredentials credentials;
  std::thread thread;
};

AwsAccount::AwsAccount(Parts parts) : parts_(std::move(parts)) {}
AwsAccount::~AwsAccount() = default;

bool AwsAccount::configured() const {
  constexpr std::array kVariables{"AWS_ACCESS_KEY_ID", "AWS_BEDROCK_ACCESS_KEY_ID",
                                  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                  "AWS_CONTAINER_CREDENTIALS_FULL_URI"};
  const aws::CredentialSettings& said = parts_.aws;
  for (const char* name : kVariables)
    if (!aws::variable(parts_.environment, name).empty()) return true;
  if (!said.region.empty() || !said.profile.empty() || !said.bearer_token.empty() || !said.role_arn.empty() ||
      !said.web_identity_role_arn.empty() || !said.secret_id.empty() || !parts_.bedrock.endpoint_url.empty())
    return true;
  const aws::SharedFiles files = said.files(parts_.environment);
  std::error_code ignored;
  return std::filesystem::exists(files.credentials, ignored) ||
         std::filesystem::exists(files.config, ignored);
}

Result<aws::Endpoint> AwsAccount::endpoint(aws::Service service) const {
  const bool runtime = service == aws::Service::kBedrockRuntime;
  return look_up(parts_.aws, parts_.environment, service,
                 runtime ? parts_.bedrock.endpoint_url : std::string(), parts_.aws.region);
}

AwsAccount::State& AwsAccount::running() {
  const std::lock_guard lock(mutex_);
  if (!state_) state_ = std::make_unique<State>(parts_);
  return *state_;
}

base::Awaitable<Result<aws::CachedCredentials::Pointer>> AwsAccount::credentials(
    const base::RequestContext& context) {
  aws::CachedCredentials& kept = running().credentials;
  if (auto usable = kept.usable()) co_return usable;
  co_return co_await kept.get(context);
}

void AwsAccount::reject(const aws::Credentials& refused) { running().credentials.reject(refused); }

}  // namespace caprock::providers::bedrock
