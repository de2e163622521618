#include "aws/credentials/instance_provider.h"

#include "aws/credentials/testing/provider_fixture.h"

namespace caprock::aws {
namespace {

using base::ErrorKind;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::reply;

/// A metadata service whose answers a test changes.
class InstanceProviderTest : public testing::ProviderTest {
 protected:
  InstanceProviderTest() {
    serve([this](const std::string& request) {
      if (request.starts_with("PUT /latest/api/token ")) return token_;
      if (request.starts_with("GET /latest/meta-data/iam/security-credentials/ ")) return role_;
      return keys_;
    });
    source_.endpoint = server_->url("");
  }
  base::Result<Fetched> ask() { return fetch(instance_provider(tools_, source_)); }

  static std::string keys(const std::string& expiration, const std::string& code = "Success") {
    return reply(200, R"({"Code":")" + code +
                          R"(","AccessKeyId":"AK","SecretAccessKey":"SK","Token":"T","Expiration":")" +
                          expiration + "\"}");
  }
  std::string token_ = reply(200, "METATOKEN");
  std::string role_ = reply(200, "my-role\n");
  std::string keys_ = keys("2026-01-02T09:00:00Z");
  InstanceSource source_;
};

TEST_F(InstanceProviderTest, VersionTwo_AsksWithAToken) {
  const auto got = ask();
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_EQ((**got).access_key_id, "AK");
  EXPECT_EQ((**got).source, "instance metadata, role 'my-role'");
  EXPECT_THAT(request(0), HasSubstr("x-aws-ec2-metadata-token-ttl-seconds: "));
  EXPECT_THAT(request(1), HasSubstr("x-aws-ec2-metadata-token: METATOKEN\r\n"));
  EXPECT_THAT(request(2), HasSubstr("GET /latest/meta-data/iam/security-credentials/my-role "));
  EXPECT_THAT(request(2), HasSubstr("x-aws-ec2-metadata-token: METATOKEN\r\n"));
}

TEST_F(InstanceProviderTest, Disabled_AsksNobody) {
  source_.disabled = true;
  EXPECT_THAT(ask()->because(), HasSubstr("AWS_EC2_METADATA_DISABLED"));
  EXPECT_EQ(request(0), "");
}

TEST_F(InstanceProviderTest, VersionOne_IsSpokenOnlyWhenConfigured) {
  token_ = reply(404, "");
  EXPECT_THAT(ask()->because(), HasSubstr("IMDSv2"));
  EXPECT_EQ(request(1), "");
  source_.allow_v1 = true;
  const auto got = ask();
  ASSERT_TRUE(got && *got);
  EXPECT_THAT(request(2), Not(HasSubstr("x-aws-ec2-metadata-token")));
}

TEST_F(InstanceProviderTest, NobodyThereOrSilent_IsNothing) {
  source_.endpoint = "http://127.0.0.1:1";
  EXPECT_THAT(ask()->because(), HasSubstr("does not answer"));
  const net::testing::ScriptedServer silent([](net::testing::ServerConnection& connection) {
    connection.read_request();
    connection.read_request();
  });
  source_.endpoint = silent.url("");
  source_.timeout = std::chrono::milliseconds(50);
  EXPECT_THAT(ask()->because(), HasSubstr("does not answer"));
}

TEST_F(InstanceProviderTest, InstanceWithoutRole_IsNothing) {
  role_ = reply(404, "");
  EXPECT_THAT(ask()->because(), HasSubstr("no role"));
}

TEST_F(InstanceProviderTest, ServiceThatFails_IsAnError) {
  token_ = reply(400, "");
  EXPECT_EQ(ask().error().kind, ErrorKind::kUpstream);
  token_ = reply(503, "");
  EXPECT_EQ(ask().error().kind, ErrorKind::kUnavailable);
  token_ = reply(200, "T");
  role_ = reply(200, "../../evil");
  EXPECT_EQ(ask().error().kind, ErrorKind::kUpstream);
  role_ = reply(200, "r");
  keys_ = keys("2026-01-02T09:00:00Z", "AssumeRoleUnauthorizedAccess");
  EXPECT_THAT(ask().error().message, HasSubstr("AssumeRoleUnauthorizedAccess"));
}

TEST_F(InstanceProviderTest, CredentialsThatTheServiceLetExpire_AreUsedForSomeMinutesMore) {
  keys_ = keys("2026-01-02T03:00:00Z");
  const auto got = ask();
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((**got).expires, clock_.wall() + std::chrono::minutes(10));
}

}  // namespace
}  // namespace caprock::aws
