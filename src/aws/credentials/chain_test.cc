#include "aws/credentials/chain.h"

#include "aws/credentials/testing/provider_fixture.h"

namespace caprock::aws {
namespace {

using ::testing::AllOf;
using testing::FakeProvider;
using ::testing::HasSubstr;
using testing::reply;
using testing::sts_reply;

constexpr const char* kExpiration = "2026-01-02T04:04:05Z";

class ChainTest : public testing::ProviderTest {
 protected:
  ChainTest() {
    settings_.imds_disabled = true;
    settings_.region = "eu-west-1";
  }
  base::Result<Fetched> ask(BearerToken bearer = BearerToken::kAllowed) {
    return fetch(make_credentials(settings_, tools_, bearer));
  }
  std::string source() {
    const auto got = ask();
    return got && *got ? (**got).source
           : got       ? "nothing: " + got->because()
                       : "error: " + got.error().message;
  }
  CredentialSettings settings_;
};

TEST_F(ChainTest, FirstThatHasCredentials_IsTheLastThatIsAsked) {
  int asked = 0;
  std::vector<std::unique_ptr<CredentialProvider>> list;
  list.push_back(std::make_unique<FakeProvider>([] { return Fetched::nothing("x"); }));
  list.push_back(testing::fake_keys());
  list.push_back(std::make_unique<FakeProvider>([&] {
    ++asked;
    return Fetched::nothing("y");
  }));
  EXPECT_TRUE(*fetch(chain(std::move(list))));
  EXPECT_EQ(asked, 0);
}

TEST_F(ChainTest, Error_EndsItAndSaysWhatWasAskedBefore) {
  std::vector<std::unique_ptr<CredentialProvider>> list;
  list.push_back(std::make_unique<FakeProvider>([] { return Fetched::nothing("no variable"); }, "first"));
  list.push_back(std::make_unique<FakeProvider>(
      []() -> base::Result<Fetched> { return base::failure(base::invalid_argument("f", "broken")); },
      "second"));
  list.push_back(testing::fake_keys());
  const auto refused = fetch(chain(std::move(list)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "broken");
  EXPECT_EQ(refused.error().origin.component, "second");
  EXPECT_THAT(refused.error().detail, HasSubstr("first (no variable)"));
}

TEST_F(ChainTest, NothingAnywhere_SaysWhyOfEach) {
  EXPECT_THAT(source(), AllOf(HasSubstr("bearer token (AWS_BEARER_TOKEN_BEDROCK is not set)"),
                              HasSubstr("environment (AWS_ACCESS_KEY_ID is not set)"),
                              HasSubstr("profile 'default' (it is not in"),
                              HasSubstr("web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)"),
                              HasSubstr("container (neither"),
                              HasSubstr("instance metadata (AWS_EC2_METADATA_DISABLED")));
}

TEST_F(ChainTest, BearerToken_ComesBeforeEverythingAndOnlyWhereItIsTaken) {
  settings_.bearer_token = base::Secret("B");
  tools_.environment["AWS_ACCESS_KEY_ID"] = "half of a pair";  // would be an error if it were looked at
  const auto got = ask();
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((**got).bearer_token.reveal(), "B");
  EXPECT_FALSE(ask(BearerToken::kIgnored));
}

TEST_F(ChainTest, Environment_ComesBeforeTheProfile) {
  write(".aws/credentials", "[default]\naws_access_key_id=P\naws_secret_access_key=S\n");
  EXPECT_EQ(source(), "profile 'default'");
  tools_.environment["AWS_ACCESS_KEY_ID"] = "A";
  tools_.environment["AWS_SECRET_ACCESS_KEY"] = "S";
  EXPECT_EQ(source(), "environment");
  settings_.credentials = "profile";
  EXPECT_EQ(source(), "profile 'default'");
}

TEST_F(ChainTest, ProfileThatSomebodyNamed_MustExist) {
  settings_.profile = "dev";
  EXPECT_THAT(source(), HasSubstr("there is no profile 'dev'"));
  settings_.profile.clear();
  settings_.credentials = "profile";
  EXPECT_THAT(source(), HasSubstr("there is no profile 'default'"));
}

TEST_F(ChainTest, ChangedFile_IsReadAgain) {
  settings_.profile = "p";
  write(".aws/credentials", "[p]\naws_access_key_id=ONE\naws_secret_access_key=S\n");
  const auto provider = make_credentials(settings_, tools_, BearerToken::kAllowed);
  EXPECT_EQ((*fetch(provider))->access_key_id, "ONE");
  write(".aws/credentials", "[p]\naws_access_key_id=TWO\naws_secret_access_key=S\n");
  EXPECT_EQ((*fetch(provider))->access_key_id, "TWO");
  EXPECT_FALSE((*fetch(provider))->fixed);
}

TEST_F(ChainTest, ProfileChain_AssumesRoleAfterRole) {
  serve([](const std::string& request) {
    const bool inner = request.find("RoleArn=arn%3Ainner") != std::string::npos;
    return sts_reply("AssumeRole", inner ? "AKINNER" : "AKOUTER", kExpiration);
  });
  write(
      ".aws/config",
      "[profile a]\nrole_arn=arn:outer\nsource_profile=b\n[profile b]\nrole_arn=arn:inner\nsource_profile=c\n"
      "external_id=x\n");
  write(".aws/credentials", "[c]\naws_access_key_id=AKC\naws_secret_access_key=S\n");
  settings_.profile = "a";
  const auto got = ask();
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_EQ((**got).access_key_id, "AKOUTER");
  EXPECT_EQ((**got).source, "profile 'a', then role 'arn:inner', then role 'arn:outer'");
  EXPECT_THAT(request(0), AllOf(HasSubstr("Credential=AKC/"), HasSubstr("ExternalId=x")));
  EXPECT_THAT(request(1), AllOf(HasSubstr("Credential=AKINNER/"), HasSubstr("x-amz-security-token: TOKEN")));
}

TEST_F(ChainTest, ProfileWithACredentialSource_AsksIt) {
  write(".aws/config",
        "[profile env]\nrole_arn=arn:r\ncredential_source=Environment\n"
        "[profile imds]\nrole_arn=arn:r\ncredential_source=Ec2InstanceMetadata\n"
        "[profile ecs]\nrole_arn=arn:r\ncredential_source=EcsContainer\n");
  serve([](const std::string&) { return sts_reply("AssumeRole", "AKROLE", kExpiration); });
  settings_.credentials = "profile";
  settings_.profile = "env";
  EXPECT_THAT(source(), HasSubstr("AWS_ACCESS_KEY_ID is not set"));
  tools_.environment["AWS_ACCESS_KEY_ID"] = "A";
  tools_.environment["AWS_SECRET_ACCESS_KEY"] = "S";
  EXPECT_EQ(source(), "profile 'env' by environment, then role 'arn:r'");
  settings_.profile = "imds";
  EXPECT_THAT(source(), HasSubstr("AWS_EC2_METADATA_DISABLED"));
  settings_.profile = "ecs";
  EXPECT_THAT(source(), HasSubstr("neither"));
}

TEST_F(ChainTest, ProfilesOfOtherKinds_AreFollowed) {
  write(".aws/config",
        "[profile p]\ncredential_process=/bin/echo "
        "'{\"Version\":1,\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"SK\"}'\n"
        "[profile w]\nrole_arn=arn:r\nweb_identity_token_file=~/jwt\n"
        "[profile s]\nsso_start_url=u\nsso_region=r\nsso_account_id=1\nsso_role_name=n\n");
  write("jwt", "token");
  serve([](const std::string&) { return sts_reply("AssumeRoleWithWebIdentity", "AKWEB", kExpiration); });
  settings_.profile = "p";
  EXPECT_EQ(source(), "profile 'p' by credential_process");
  settings_.profile = "w";
  EXPECT_EQ(source(), "profile 'w' by web identity, role 'arn:r'");
  settings_.profile = "s";
  EXPECT_THAT(source(), HasSubstr("aws sso login"));
}

TEST_F(ChainTest, WebIdentityOfTheEnvironment_IsUsed) {
  serve([](const std::string&) { return sts_reply("AssumeRoleWithWebIdentity", "AKWEB", kExpiration); });
  settings_.web_identity_token_file = write("jwt", "token");
  settings_.web_identity_role_arn = "arn:web";
  EXPECT_EQ(source(), "web identity, role 'arn:web'");
}

TEST_F(ChainTest, SecretAndRole_StandOnWhatWasFound) {
  serve([](const std::string& request) {
    if (request.find("GetSecretValue") != std::string::npos)
      return reply(200,
                   R"({"SecretString":"{\"access_key_id\":\"AKSECRET\",\"secret_access_key\":\"SK\"}"})");
    return sts_reply("AssumeRole", "AKROLE", kExpiration);
  });
  tools_.environment["AWS_ACCESS_KEY_ID"] = "AKENV";
  tools_.environment["AWS_SECRET_ACCESS_KEY"] = "S";
  settings_.secret_id = "s";
  settings_.role_arn = "arn:r";
  settings_.external_id = "ext";
  settings_.session_tags = {"team=ml", "cost=a=b"};
  settings_.transitive_tags = {"team"};
  settings_.role_duration = std::chrono::minutes(15);
  ASSERT_TRUE(settings_.check());
  EXPECT_EQ(source(), "secret 's', read with environment, then role 'arn:r'");
  EXPECT_THAT(request(0), HasSubstr("Credential=AKENV/"));
  EXPECT_THAT(request(1), AllOf(HasSubstr("Credential=AKSECRET/"), HasSubstr("ExternalId=ext"),
                                HasSubstr("DurationSeconds=900"),
                                HasSubstr("Tags.member.2.Key=cost&Tags.member.2.Value=a%3Db"),
                                HasSubstr("TransitiveTagKeys.member.1=team")));
}

TEST_F(ChainTest, SettingsThatDoNotFitTogether_AreNamed) {
  settings_.session_tags = {"team"};
  EXPECT_EQ(settings_.check().error().field, "aws.session_tags");
  settings_.session_tags = {"team=1"};
  settings_.transitive_tags = {"cost"};
  EXPECT_EQ(settings_.check().error().field, "aws.transitive_tags");
  settings_.transitive_tags.clear();
  settings_.imds_endpoint = "nonsense";
  EXPECT_EQ(settings_.check().error().field, "aws.imds_endpoint");
}

}  // namespace
}  // namespace caprock::aws
