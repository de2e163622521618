#include "providers/bedrock/aws_account.h"

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <thread>

#include "aws/credentials/account.h"
#include "base/blocking_pool.h"

namespace caprock::providers::bedrock {

namespace asio = boost::asio;
using base::Result;

// In order of dependency: connections of the client and the credentials live on the loop, which has ended
// before they go.
struct AwsAccount::State {
  explicit State(const Parts& parts)
      : http(parts.net),
        account(parts.aws, parts.environment,
                {.http = http,
                 .pool = pool,
                 .clock = base::system_clock(),
                 .home = loop.get_executor(),
                 .metrics = parts.metrics}),
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
  aws::Account account;
  std::thread thread;
};

AwsAccount::AwsAccount(Parts parts) : parts_(std::move(parts)) {
  if (configured()) running();  // it reads files, which no loop should wait for
}
AwsAccount::~AwsAccount() = default;

bool AwsAccount::configured() const {
  constexpr std::array kVariables{"AWS_ACCESS_KEY_ID", "AWS_BEDROCK_ACCESS_KEY_ID",
                                  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                  "AWS_CONTAINER_CREDENTIALS_FULL_URI"};
  const aws::CredentialSettings& said = parts_.aws;
  for (const char* name : kVariables)
    if (!aws::variable(parts_.environment, name).empty()) return true;
  if (!said.region.empty() || !said.bedrock_region.empty() || !said.profile.empty() ||
      !said.bearer_token.empty() || !said.role_arn.empty() || !said.web_identity_role_arn.empty() ||
      !said.secret_id.empty() || !parts_.bedrock.endpoint_url.empty())
    return true;
  const aws::SharedFiles files = said.files(parts_.environment);
  std::error_code ignored;
  return std::filesystem::exists(files.credentials, ignored) ||
         std::filesystem::exists(files.config, ignored);
}

Result<aws::Endpoint> AwsAccount::endpoint(aws::Service service) {
  aws::Account& account = running().account;
  const std::string& url = parts_.bedrock.endpoint_url;
  if (service != aws::Service::kBedrockRuntime || url.empty()) return account.endpoint(service);
  return aws::resolve_endpoint(service, {.region = account.region(service), .url = url});
}

AwsAccount::State& AwsAccount::running() {
  const std::lock_guard lock(mutex_);
  if (!state_) state_ = std::make_unique<State>(parts_);
  return *state_;
}

base::Awaitable<Result<aws::CachedCredentials::Pointer>> AwsAccount::credentials(
    const base::RequestContext& context) {
  aws::CachedCredentials& kept = running().account.bedrock();
  if (auto usable = kept.usable()) co_return usable;
  co_return co_await kept.get(context);
}

void AwsAccount::reject(const aws::Credentials& refused) { running().account.bedrock().reject(refused); }

}  // namespace caprock::providers::bedrock
