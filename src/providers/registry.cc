#include "providers/registry.h"

#include <fmt/format.h>

#include "base/log.h"
#include "net/url.h"
#include "providers/bedrock/chat.h"
#include "providers/bedrock/embedder.h"
#include "providers/bedrock/guardrail.h"
#include "providers/bedrock/model_family.h"
#include "providers/bedrock/model_list.h"
#include "providers/bedrock/native_model.h"
#include "providers/bedrock/reranker.h"
#include "providers/bedrock/token_counter.h"
#include "providers/openai_compatible/chat.h"
#include "providers/openai_compatible/embedder.h"
#include "providers/openai_compatible/model_list.h"

namespace caprock::providers {
namespace {

/// An address that its own user points the SDKs at must not be taken for a provider's: every question would
/// go round in a circle.
bool is_own_address(const std::string& base_url, const std::string& own_address) {
  const auto url = net::parse_url(base_url);
  const auto own = net::parse_url("http://" + own_address);
  if (!url || !own || url->port != own->port) return false;
  const auto loopback = [](const std::string& host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
  };
  const bool anywhere = own->host == "0.0.0.0" || own->host == "::";
  return url->host == own->host || (loopback(url->host) && (loopback(own->host) || anywhere));
}

Provider openai_compatible(const openai::Dialect& dialect, const openai::ServerSettings& settings,
                           std::chrono::milliseconds patience, const ProviderParts& parts) {
  auto server = std::make_shared<const openai::Server>(parts.http, dialect, settings, patience);
  const bool circle = settings.configured() && is_own_address(settings.url(dialect), parts.own_address);
  if (circle)
    base::log(base::LogLevel::kWarn, "a provider's base_url is Caprock itself: it is not used",
              {{"setting", dialect.name + ".base_url"}, {"url", settings.url(dialect)}});
  Provider provider{.name = dialect.name,
                    .configured = settings.configured() && !circle,
                    .needs = dialect.key_variable.empty() ? fmt::format("[{}] base_url", dialect.name)
                                                          : dialect.key_variable};
  if (circle) return provider;
  // One without a key of its own may be asked by its prefix at once: it is where such servers usually are.
  if (!provider.configured && !dialect.key_variable.empty()) return provider;
  provider.chat = std::make_unique<openai::Chat>(server);
  provider.catalog = std::make_unique<openai::ModelList>(server);
  provider.embedder = [server](EmbeddingChoice choice) {
    return openai::RemoteEmbedder::make(server, std::move(choice));
  };
  return provider;
}

/// Region and credentials may be missing: then a call says so.
Provider amazon_bedrock(const ProviderSettings& settings, const ProviderParts& parts) {
  auto account =
      std::make_shared<bedrock::AwsAccount>(bedrock::AwsAccount::Parts{.aws = parts.aws,
                                                                       .bedrock = settings.bedrock,
                                                                       .net = parts.http.settings(),
                                                                       .environment = parts.environment});
  Provider provider{.name = "bedrock",
                    .configured = account->configured(),
                    .needs = "AWS_REGION, and credentials of AWS",
                    .owns = bedrock::is_bedrock_id};
  if (provider.configured) {
    const auto endpoint = account->endpoint(aws::Service::kBedrockRuntime);
    if (endpoint && is_own_address(endpoint->url.text(), parts.own_address)) {
      base::log(base::LogLevel::kWarn, "Bedrock's endpoint is Caprock itself: it is not used",
                {{"setting", "AWS_ENDPOINT_URL"}, {"url", endpoint->url.text()}});
      provider.configured = false;
      return provider;
    }
  }
  auto caller =
      std::make_shared<bedrock::Caller>(parts.http, std::move(account), settings.models.request_timeout);
  provider.region = [caller] {
    return caller->region(aws::Service::kBedrockRuntime).value_or(std::string());
  };
  const auto apis = std::make_shared<bedrock::ApiChoice>(settings.bedrock);
  provider.chat = std::make_unique<bedrock::BedrockChatModel>(caller, apis);
  provider.catalog = std::make_unique<bedrock::ModelList>(caller);
  provider.native = std::make_unique<bedrock::BedrockNativeModel>(caller, apis);
  provider.token_counter = std::make_unique<bedrock::BedrockTokenCounter>(caller, apis);
  provider.guardrail = std::make_unique<bedrock::BedrockGuardrail>(caller);
  if (!settings.bedrock.rerank_model.empty())
    provider.reranker = std::make_unique<bedrock::BedrockReranker>(caller, settings.bedrock.rerank_model);
  provider.embedder = [caller, side_by_side = static_cast<std::size_t>(settings.bedrock.embed_side_by_side)](
                          EmbeddingChoice choice) {
    return bedrock::BedrockEmbedder::make(caller, std::move(choice), side_by_side);
  };
  return provider;
}

}  // namespace

std::vector<Provider> make_providers(const ProviderSettings& settings, const ProviderParts& parts) {
  std::vector<Provider> all;
  all.reserve(settings.servers.size() + 1);
  for (std::size_t i = 0; i < settings.servers.size(); ++i)
    all.push_back(openai_compatible(openai::dialects()[i], settings.servers[i],
                                    settings.models.request_timeout, parts));
  // Last: it knows its own ids, so that it is the default only where there is no other.
  all.push_back(amazon_bedrock(settings, parts));
  return all;
}

}  // namespace caprock::providers
