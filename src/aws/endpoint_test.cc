#include "aws/endpoint.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace caprock::aws {
namespace {

std::string url_of(Service service, const EndpointOptions& options) {
  const auto endpoint = resolve_endpoint(service, options);
  return endpoint ? endpoint->url.text() : endpoint.error().field + ": " + endpoint.error().message;
}

struct Config {
  std::map<std::string, std::string> variables, profile, services;

  ConfigView view() const {
    const auto in = [](const std::map<std::string, std::string>& map, const std::string& key) {
      const auto found = map.find(key);
      return found == map.end() ? std::string() : found->second;
    };
    return {.variable = [this, in](const std::string& name) { return in(variables, name); },
            .profile = [this, in](const std::string& key) { return in(profile, key); },
            .services = [this, in](const std::string& service,
                                   const std::string& key) { return in(services, service + "." + key); }};
  }
  EndpointOptions read(Service service = Service::kBedrockRuntime) const {
    return read_endpoint_options(view(), service).value();
  }
};

TEST(Endpoint, OfEachVariant_HasItsHost) {
  using enum Service;
  EXPECT_EQ(url_of(kBedrockRuntime, {.region = "us-east-1"}),
            "https://bedrock-runtime.us-east-1.amazonaws.com/");
  EXPECT_EQ(url_of(kBedrockRuntime, {.region = "us-east-1", .fips = true}),
            "https://bedrock-runtime-fips.us-east-1.amazonaws.com/");
  EXPECT_EQ(url_of(kBedrockRuntime, {.region = "eu-west-3", .dual_stack = true}),
            "https://bedrock-runtime.eu-west-3.api.aws/");
  EXPECT_EQ(url_of(kBedrockRuntime, {.region = "us-gov-west-1", .fips = true, .dual_stack = true}),
            "https://bedrock-runtime-fips.us-gov-west-1.api.aws/");
  EXPECT_EQ(url_of(kSso, {.region = "eu-central-1"}), "https://portal.sso.eu-central-1.amazonaws.com/");
  EXPECT_EQ(url_of(kS3Vectors, {.region = "us-east-1"}), "https://s3vectors.us-east-1.api.aws/");
  EXPECT_EQ(url_of(kS3, {.region = "us-east-1", .dual_stack = true}),
            "https://s3.dualstack.us-east-1.amazonaws.com/");
  EXPECT_EQ(url_of(kSts, {.region = "us-gov-west-1", .fips = true}),
            "https://sts.us-gov-west-1.amazonaws.com/");
  EXPECT_EQ(url_of(kBedrock, {.region = "cn-north-1"}), "https://bedrock.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(url_of(kDynamoDb, {.region = "us-isob-east-1"}),
            "https://dynamodb.us-isob-east-1.sc2s.sgov.gov/");
}

TEST(Endpoint, SigningNames_AreThoseOfTheServices) {
  const auto runtime = resolve_endpoint(Service::kBedrockAgentRuntime, {.region = "us-west-2"});
  EXPECT_EQ(runtime->signing_name, "bedrock");
  EXPECT_EQ(runtime->region, "us-west-2");
  EXPECT_EQ(resolve_endpoint(Service::kSecretsManager, {.region = "us-west-2"})->signing_name,
            "secretsmanager");
}

TEST(Endpoint, RegionThatIsNoLabel_IsRefused) {
  for (const char* region :
       {"", "us_east_1", "evil.example/#", "US-EAST-1", "-us", "us-", "a b", "us-east-1@x"})
    EXPECT_TRUE(url_of(Service::kSts, {.region = region}).starts_with("region: ")) << region;
  EXPECT_TRUE(url_of(Service::kSts, {.region = std::string(64, 'a')}).starts_with("region: "));
}

TEST(Endpoint, RegionNotKnownYet_IsInTheMainPartition) {
  EXPECT_EQ(url_of(Service::kSts, {.region = "mars-north-9"}), "https://sts.mars-north-9.amazonaws.com/");
  EXPECT_EQ(partition_of("mars-north-9"), "aws");
  EXPECT_EQ(partition_of("us-isof-south-1"), "aws-iso-f");
}

TEST(Endpoint, UrlOfOnesOwn_KeepsItsPrefix) {
  const auto endpoint =
      resolve_endpoint(Service::kBedrockRuntime, {.region = "us-east-1", .url = "http://localhost:9000/x//"});
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->url.text(), "http://localhost:9000/x");
  EXPECT_EQ(endpoint->at("/model/a%3A0/converse").text(), "http://localhost:9000/x/model/a%3A0/converse");
  const auto plain =
      resolve_endpoint(Service::kBedrockRuntime, {.region = "us-east-1", .url = "https://vpce.example"});
  EXPECT_EQ(plain->at("/model/a/converse").text(), "https://vpce.example/model/a/converse");
}

TEST(Endpoint, UrlOfOnesOwnThatCannotBe_IsRefused) {
  EXPECT_TRUE(
      url_of(Service::kSts, {.region = "us-east-1", .url = "localhost:9000"}).starts_with("endpoint_url: "));
  EXPECT_TRUE(
      url_of(Service::kSts, {.region = "us-east-1", .url = "https://x/?a=b"}).starts_with("endpoint_url: "));
  EXPECT_TRUE(url_of(Service::kSts, {.region = "us-east-1", .url = "https://x", .fips = true})
                  .starts_with("endpoint_url: "));
  EXPECT_TRUE(url_of(Service::kSts, {.region = "us-east-1", .url = "https://x", .dual_stack = true})
                  .starts_with("endpoint_url: "));
}

TEST(Endpoint, S3WithFipsInChina_IsRefused) {
  EXPECT_TRUE(
      url_of(Service::kS3, {.region = "cn-north-1", .fips = true}).starts_with("use_fips_endpoint: "));
}

TEST(EndpointOptions, Region_TakesTheFirstThatIsSet) {
  Config config{.variables = {{"AWS_DEFAULT_REGION", "b"}}, .profile = {{"region", "a"}}};
  EXPECT_EQ(config.read().region, "b");
  config.variables["AWS_REGION"] = "c";
  config.variables["AWS_BEDROCK_REGION"] = "d";
  EXPECT_EQ(config.read(Service::kSts).region, "c");
  EXPECT_EQ(config.read(Service::kBedrock).region, "d");
  config.variables.clear();
  EXPECT_EQ(config.read().region, "a");
}

TEST(EndpointOptions, Url_TakesTheFirstThatIsSet) {
  Config config{.profile = {{"endpoint_url", "http://profile"}}};
  EXPECT_EQ(config.read().url, "http://profile");
  config.services["bedrock_runtime.endpoint_url"] = "http://section";
  EXPECT_EQ(config.read().url, "http://section");
  EXPECT_EQ(config.read(Service::kSts).url, "http://profile");
  config.variables["AWS_ENDPOINT_URL"] = "http://variable";
  EXPECT_EQ(config.read().url, "http://variable");
  config.variables["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = "http://runtime";
  config.variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://secrets";
  EXPECT_EQ(config.read().url, "http://runtime");
  EXPECT_EQ(config.read(Service::kSecretsManager).url, "http://secrets");
  EXPECT_EQ(config.read(Service::kBedrock).url, "http://variable");
  config.profile["ignore_configured_endpoint_urls"] = "TRUE";
  EXPECT_EQ(config.read().url, "");
  config.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "false";
  EXPECT_EQ(config.read().url, "http://runtime");
}

TEST(FindEndpoint, RegionOfARole_StandsInPlaceOfTheConfigured) {
  Config config{.variables = {{"AWS_REGION", "us-east-1"}}};
  EXPECT_EQ(find_endpoint(config.view(), Service::kSts)->url.host, "sts.us-east-1.amazonaws.com");
  EXPECT_EQ(find_endpoint(config.view(), Service::kSts, "eu-west-1")->url.host,
            "sts.eu-west-1.amazonaws.com");
  config.variables["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:9";
  EXPECT_EQ(find_endpoint(config.view(), Service::kSts, "eu-west-1")->url.text(), "http://127.0.0.1:9/");
  EXPECT_EQ(find_endpoint(config.view(), Service::kSts, "eu-west-1")->region, "eu-west-1");
}

TEST(ServiceNamed, EveryName_LeadsToItsService) {
  EXPECT_EQ(service_named("bedrock-runtime"), Service::kBedrockRuntime);
  EXPECT_EQ(service_named("bedrock_agent_runtime"), Service::kBedrockAgentRuntime);
  EXPECT_EQ(service_named("secretsmanager"), Service::kSecretsManager);
  EXPECT_EQ(service_named("secrets-manager"), Service::kSecretsManager);
  EXPECT_EQ(service_named("sso-oidc"), Service::kSsoOidc);
  EXPECT_EQ(service_named("s3vectors"), Service::kS3Vectors);
  EXPECT_EQ(service_named("ec2"), std::nullopt);
}

TEST(EndpointOptions, Switches_AreTrueOrFalse) {
  Config config{.profile = {{"use_fips_endpoint", "true"}, {"use_dualstack_endpoint", "True"}}};
  EXPECT_TRUE(config.read().fips);
  EXPECT_TRUE(config.read().dual_stack);
  config.variables["AWS_USE_FIPS_ENDPOINT"] = "false";
  EXPECT_FALSE(config.read().fips);
  config.variables["AWS_USE_FIPS_ENDPOINT"] = "1";
  EXPECT_EQ(read_endpoint_options(config.view(), Service::kSts).error().field, "AWS_USE_FIPS_ENDPOINT");
  config.variables.clear();
  config.profile["use_fips_endpoint"] = "yes";
  EXPECT_EQ(read_endpoint_options(config.view(), Service::kSts).error().field, "use_fips_endpoint");
}

}  // namespace
}  // namespace caprock::aws
