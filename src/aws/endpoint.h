#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/url.h"

namespace caprock::aws {

enum class Service : std::uint8_t {
  kBedrockRuntime,
  kBedrock,
  kBedrockAgentRuntime,
  kSts,
  kSecretsManager,
  kSso,      ///< the portal that gives credentials for a role
  kSsoOidc,  ///< where the portal's token is refreshed
  kS3,
  kS3Vectors,
  kDynamoDb,
};

/// Where a user may have said something about endpoints. Each answers with the value or with nothing (empty).
struct ConfigView {
  std::function<std::string(const std::string& name)> variable;  ///< of the environment
  std::function<std::string(const std::string& key)> profile;    ///< of the profile in use
  /// Of the `[services NAME]` section that the profile names: the indented lines below the service.
  std::function<std::string(const std::string& service, const std::string& key)> services;
};

/// What decides about an endpoint.
struct EndpointOptions {
  std::string region;
  std::string url;  ///< instead of AWS's own: a VPC endpoint, a proxy, a test
  bool fips = false;
  bool dual_stack = false;
};

struct Endpoint {
  net::Url url;                   ///< its target is "/" or a prefix that does not end in '/'
  std::string region;             ///< of the signature
  std::string_view signing_name;  ///< service of the signature
  /// `path` begins with '/' and is encoded; a query may follow.
  net::Url at(std::string_view path) const;
};

/// Region, AWS_ENDPOINT_URL and the like, as AWS's SDKs read them, the environment before the profile:
///   region: AWS_BEDROCK_REGION (Bedrock's services only), AWS_REGION, AWS_DEFAULT_REGION, `region`
///   url: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the services section, `endpoint_url`; none of them
///   when
///     AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or `ignore_configured_endpoint_urls` is true
///   fips, dual_stack: AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT, `use_fips_endpoint`,
///     `use_dualstack_endpoint`
/// kInvalidArgument with the setting's name for a switch that is neither true nor false.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
base::Result<EndpointOptions> read_endpoint_options(const ConfigView& config, Service service);

/// By the rules of botocore's endpoint rule sets. kInvalidArgument with the field "region" when there is none
/// or it is no host label; "endpoint_url" when it is no URL, or stands together with FIPS or dual-stack;
/// "use_fips_endpoint" where the partition has none (S3 in China). Pure.
base::Result<Endpoint> resolve_endpoint(Service service, const EndpointOptions& options);

/// Both in one. `region`, when not empty, stands in place of the configured one: a profile's or a role's own.
base::Result<Endpoint> find_endpoint(const ConfigView& config, Service service, std::string_view region = {});

/// "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"; "aws" for a
/// region that is not known yet.
std::string_view partition_of(std::string_view region);

/// As in variables and in services sections: "bedrock_runtime", "secrets_manager".
std::string_view service_id(Service service);
/// By its id or its name in botocore: "secrets_manager", "secretsmanager", "sso-oidc"; nothing for another
/// service.
std::optional<Service> service_named(std::string_view name);

}  // namespace caprock::aws
