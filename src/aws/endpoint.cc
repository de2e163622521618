#include "aws/endpoint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace caprock::aws {
namespace {

struct Partition {
  std::string_view name, region_prefix, suffix, dual_stack_suffix;
};

// botocore's partitions.json. The prefixes stand for its region expressions; the longer comes first.
constexpr std::array<Partition, 8> kPartitions{{
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"},
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"aws", "", "amazonaws.com", "api.aws"},
}};

struct ServiceFacts {
  Service service;
  std::string_view id, host, signing_name;
};

constexpr std::array<ServiceFacts, 10> kServices{{
    {Service::kBedrockRuntime, "bedrock_runtime", "bedrock-runtime", "bedrock"},
    {Service::kBedrock, "bedrock", "bedrock", "bedrock"},
    {Service::kBedrockAgentRuntime, "bedrock_agent_runtime", "bedrock-agent-runtime", "bedrock"},
    {Service::kSts, "sts", "sts", "sts"},
    {Service::kSecretsManager, "secrets_manager", "secretsmanager", "secretsmanager"},
    {Service::kSso, "sso", "portal.sso", "awsssoportal"},
    {Service::kSsoOidc, "sso_oidc", "oidc", "sso-oauth"},
    {Service::kS3, "s3", "s3", "s3"},
    {Service::kS3Vectors, "s3vectors", "s3vectors", "s3vectors"},
    {Service::kDynamoDb, "dynamodb", "dynamodb", "dynamodb"},
}};

const ServiceFacts& facts(Service service) { return kServices[std::to_underlying(service)]; }

const Partition& partition(std::string_view region) {
  return *std::ranges::find_if(kPartitions,
                               [&](const Partition& p) { return region.starts_with(p.region_prefix); });
}

/// A region becomes part of a host name and may come from a client's ARN: nothing but a label may get there.
bool is_label(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, fits);
}

/// Services whose ordinary endpoints in GovCloud are the FIPS ones.
bool plain_is_fips(Service service, const Partition& where) {
  return where.name == "aws-us-gov" && (service == Service::kSts || service == Service::kSso ||
                                        service == Service::kSsoOidc || service == Service::kDynamoDb);
}

/// Secrets Manager answers over IPv6 under its ordinary name in the older partitions.
bool plain_is_dual_stack(Service service, const Partition& where, bool fips) {
  return service == Service::kSecretsManager &&
         (where.name == "aws" || where.name == "aws-us-gov" || (where.name == "aws-cn" && !fips));
}

std::string host_of(Service service, const Partition& where, const EndpointOptions& options) {
  std::string host(facts(service).host);
  const bool s3 = service == Service::kS3;
  const bool dual_name = options.dual_stack && !s3 && !plain_is_dual_stack(service, where, options.fips);
  const bool api_suffix = dual_name || service == Service::kS3Vectors;
  if (options.fips && (api_suffix || !plain_is_fips(service, where))) host += "-fips";
  if (options.dual_stack && s3) host += ".dualstack";
  host.append(".").append(options.region).append(".");
  return host.append(api_suffix ? where.dual_stack_suffix : where.suffix);
}

base::Result<Endpoint> custom(Service service, const EndpointOptions& options) {
  if (options.fips || options.dual_stack)
    return base::failure(
        base::invalid_argument("endpoint_url",
                               "an endpoint URL of one's own cannot stand together with use_fips_endpoint or "
                               "use_dualstack_endpoint: write the URL of the endpoint that is meant"));
  auto url = net::parse_url(options.url);
  if (!url) return base::failure(std::move(url).error().with_field("endpoint_url"));
  if (url->target.find('?') != std::string::npos)
    return base::failure(base::invalid_argument("endpoint_url", "an endpoint URL has no query"));
  while (url->target.size() > 1 && url->target.ends_with('/')) url->target.pop_back();
  return Endpoint{*std::move(url), options.region, facts(service).signing_name};
}

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts)
    if (!text.empty()) return text;
  return {};
}

base::Result<bool> read_switch(const ConfigView& config, const std::string& variable,
                               const std::string& key) {
  const std::string from_environment = config.variable(variable);
  std::string text = first_of({from_environment, config.profile(key), "false"});
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (text == "true" || text == "false") return text == "true";
  return base::failure(
      base::invalid_argument(from_environment.empty() ? key : variable, "must be true or false"));
}

bool is_bedrock(Service service) { return facts(service).signing_name == "bedrock"; }

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

}  // namespace

net::Url Endpoint::at(std::string_view path) const {
  net::Url out = url;
  if (out.target == "/") out.target.clear();
  out.target += path;
  return out;
}

std::string_view partition_of(std::string_view region) { return partition(region).name; }

std::string_view service_id(Service service) { return facts(service).id; }

std::optional<Service> service_named(std::string_view name) {
  std::string id(name);
  std::ranges::replace(id, '-', '_');
  for (const ServiceFacts& row : kServices)
    if (id == row.id || (row.service == Service::kSecretsManager && id == row.host)) return row.service;
  return std::nullopt;
}

base::Result<Endpoint> find_endpoint(const ConfigView& config, Service service, std::string_view region) {
  CAPROCK_TRY(EndpointOptions options, read_endpoint_options(config, service));
  if (!region.empty()) options.region = region;
  return resolve_endpoint(service, options);
}

base::Result<EndpointOptions> read_endpoint_options(const ConfigView& config, Service service) {
  EndpointOptions options;
  options.region = first_of({is_bedrock(service) ? config.variable("AWS_BEDROCK_REGION") : "",
                             config.variable("AWS_REGION"), config.variable("AWS_DEFAULT_REGION"),
                             config.profile("region")});
  CAPROCK_TRY(options.fips, read_switch(config, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
  CAPROCK_TRY(options.dual_stack,
              read_switch(config, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"));
  CAPROCK_TRY(const bool ignored,
              read_switch(config, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"));
  if (ignored) return options;
  const std::string id(service_id(service));
  options.url =
      first_of({config.variable("AWS_ENDPOINT_URL_" + upper(id)), config.variable("AWS_ENDPOINT_URL"),
                config.services(id, "endpoint_url"), config.profile("endpoint_url")});
  return options;
}

base::Result<Endpoint> resolve_endpoint(Service service, const EndpointOptions& options) {
  if (!is_label(options.region))
    return base::failure(base::invalid_argument(
        "region", options.region.empty()
                      ? "no AWS region is configured: set AWS_REGION, or region in the profile"
                      : "'" + options.region + "' is no AWS region"));
  if (!options.url.empty()) return custom(service, options);
  const Partition& where = partition(options.region);
  if (service == Service::kS3 && options.fips && where.name == "aws-cn")
    return base::failure(base::invalid_argument("use_fips_endpoint", "S3 has no FIPS endpoints in China"));
  return Endpoint{net::Url{"https", host_of(service, where, options), 443, "/"}, options.region,
                  facts(service).signing_name};
}

}  // namespace caprock::aws
