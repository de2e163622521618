#include "aws/credentials/config_view.h"

#include <gtest/gtest.h>

namespace caprock::aws {
namespace {

SharedConfig shared(std::string_view text) { return merge_shared(read_ini(text), {}); }

TEST(ConfigView, FilesAndVariables_DecideTheEndpoint) {
  const SharedConfig config = shared(
      "[profile dev]\n"
      "region = eu-west-1\n"
      "services = local\n"
      "use_fips_endpoint = false\n"
      "[services local]\n"
      "bedrock_runtime =\n"
      "  endpoint_url = http://127.0.0.1:4566\n");
  const auto dev = config_view({{"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:5000"}}, config, "dev");
  ASSERT_TRUE(dev);
  EXPECT_EQ(find_endpoint(*dev, Service::kBedrockRuntime)->url.text(), "http://127.0.0.1:4566/");
  EXPECT_EQ(find_endpoint(*dev, Service::kSts)->url.text(), "http://127.0.0.1:5000/");
  EXPECT_EQ(find_endpoint(*dev, Service::kBedrock)->url.text(), "https://bedrock.eu-west-1.amazonaws.com/");
}

TEST(ConfigView, ProfileThatIsNotThere_SaysNothing) {
  const auto none = config_view({{"AWS_REGION", "us-east-1"}}, shared(""), "default");
  ASSERT_TRUE(none);
  EXPECT_EQ(find_endpoint(*none, Service::kSts)->url.text(), "https://sts.us-east-1.amazonaws.com/");
}

TEST(ConfigView, ServicesSectionThatIsNotThere_IsAnError) {
  const auto wrong = config_view({}, shared("[default]\nservices = locl\n[services local]\n"), "default");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().field, "services");
}

}  // namespace
}  // namespace caprock::aws
