#include "aws/credentials/profile_plan.h"

#include <gmock/gmock.h>

namespace caprock::aws {
namespace {

using ::testing::HasSubstr;

base::Result<std::optional<ProfilePlan>> plan(const std::string& config, const std::string& profile) {
  return plan_profile(merge_shared(read_ini(config), {}), profile);
}

template <class T>
T base_of(const base::Result<std::optional<ProfilePlan>>& plan) {
  return std::get<T>(plan.value().value().base);
}

/// The field and a part of the message of a plan that must fail.
void expect_wrong(const std::string& config, const std::string& field, const std::string& message) {
  const auto refused = plan(config, "a");
  ASSERT_FALSE(refused) << config;
  EXPECT_EQ(refused.error().field, field) << config;
  EXPECT_THAT(refused.error().message, HasSubstr(message)) << config;
}

constexpr auto kKeys = "aws_access_key_id=AK\naws_secret_access_key=SK\n";

TEST(ProfilePlan, StaticKeys_AreTheBase) {
  const auto made = plan(std::string("[profile a]\naws_session_token=T\naws_account_id=1\n") + kKeys, "a");
  const auto keys = base_of<StaticKeys>(made);
  EXPECT_EQ(keys.access_key_id, "AK");
  EXPECT_EQ(keys.secret_access_key.reveal(), "SK");
  EXPECT_EQ(keys.session_token.reveal(), "T");
  EXPECT_EQ(keys.account_id, "1");
  EXPECT_TRUE((*made)->roles.empty());
}

TEST(ProfilePlan, ChainOfSourceProfiles_AssumesFromTheInsideOut) {
  const auto made = plan(std::string("[profile a]\nrole_arn=outer\nsource_profile=b\nexternal_id=x\n"
                                     "duration_seconds=900\nrole_session_name=me\nregion=eu-west-1\n"
                                     "[profile b]\nrole_arn=inner\nsource_profile=c\n[profile c]\n") +
                             kKeys,
                         "a");
  EXPECT_EQ(base_of<StaticKeys>(made).access_key_id, "AK");
  ASSERT_EQ((*made)->roles.size(), 2U);
  EXPECT_EQ((*made)->roles[0].arn, "inner");
  const Role& outer = (*made)->roles[1];
  EXPECT_EQ(outer.arn, "outer");
  EXPECT_EQ(outer.external_id, "x");
  EXPECT_EQ(outer.session_name, "me");
  EXPECT_EQ(outer.region, "eu-west-1");
  EXPECT_EQ(outer.duration, std::chrono::seconds(900));
}

TEST(ProfilePlan, ProfileThatNamesItself_UsesItsOwnKeys) {
  const auto made = plan(std::string("[profile a]\nrole_arn=r\nsource_profile=a\n") + kKeys, "a");
  EXPECT_EQ(base_of<StaticKeys>(made).access_key_id, "AK");
  EXPECT_EQ((*made)->roles.size(), 1U);
}

TEST(ProfilePlan, ReferredProfileWithKeysAndARole_GivesItsKeys) {
  const auto made = plan(std::string("[profile a]\nrole_arn=r\nsource_profile=b\n"
                                     "[profile b]\nrole_arn=other\nsource_profile=c\n") +
                             kKeys,
                         "a");
  EXPECT_EQ(base_of<StaticKeys>(made).access_key_id, "AK");
  EXPECT_EQ((*made)->roles.size(), 1U);
}

TEST(ProfilePlan, CredentialSource_NamesTheBase) {
  const auto from = [](const std::string& source) {
    return base_of<NamedSource>(plan("[profile a]\nrole_arn=r\ncredential_source=" + source + "\n", "a"));
  };
  EXPECT_EQ(from("Environment"), NamedSource::kEnvironment);
  EXPECT_EQ(from("EcsContainer"), NamedSource::kContainer);
  EXPECT_EQ(from("Ec2InstanceMetadata"), NamedSource::kInstance);
}

TEST(ProfilePlan, WebIdentityProcessAndSso_AreBases) {
  const auto web = base_of<WebIdentity>(plan("[profile a]\nrole_arn=r\nweb_identity_token_file=/t\n", "a"));
  EXPECT_EQ(web.role.arn, "r");
  EXPECT_EQ(web.token_file, "/t");
  EXPECT_EQ(base_of<ProcessCommand>(plan("[profile a]\ncredential_process=tool x\n", "a")).command, "tool x");
  const auto sso =
      base_of<SsoAccount>(plan("[profile a]\nsso_session=s\nsso_account_id=1\nsso_role_name=r\n"
                               "[sso-session s]\nsso_region=eu-west-1\nsso_start_url=https://u\n",
                               "a"));
  EXPECT_EQ(sso.session_name, "s");
  EXPECT_EQ(sso.region, "eu-west-1");
  EXPECT_EQ(sso.start_url, "https://u");
  const auto old =
      base_of<SsoAccount>(plan("[profile a]\nsso_start_url=https://u\nsso_region=x\n"
                               "sso_account_id=1\nsso_role_name=r\n",
                               "a"));
  EXPECT_EQ(old.session_name, "");
}

TEST(ProfilePlan, ProfileWithoutCredentials_IsNothing) {
  EXPECT_FALSE(plan("[profile a]\nregion=x\n", "a").value());
}

TEST(ProfilePlan, Mistakes_NameProfileAndKey) {
  expect_wrong("", "profile", "no profile 'a'");
  expect_wrong("[profile a]\naws_access_key_id=x\n", "aws_secret_access_key", "missing");
  expect_wrong("[profile a]\nrole_arn=r\n", "source_profile", "either");
  expect_wrong("[profile a]\nrole_arn=r\nsource_profile=b\ncredential_source=Environment\n", "source_profile",
               "either");
  expect_wrong("[profile a]\nrole_arn=r\nsource_profile=b\n", "source_profile", "no profile 'b'");
  expect_wrong("[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n",
               "source_profile", "a > b > a");
  expect_wrong("[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\n", "source_profile",
               "no credentials");
  expect_wrong("[profile a]\nrole_arn=r\nsource_profile=a\n", "source_profile", "no credentials");
  expect_wrong("[profile a]\nrole_arn=r\ncredential_source=Moon\n", "credential_source", "must be");
  expect_wrong("[profile a]\nrole_arn=r\nsource_profile=b\nmfa_serial=m\n", "mfa_serial", "MFA");
  expect_wrong("[profile a]\nrole_arn=r\nsource_profile=b\nduration_seconds=60\n", "duration_seconds", "900");
  expect_wrong("[profile a]\nweb_identity_token_file=/t\n", "role_arn", "role_arn");
  expect_wrong("[profile a]\nsso_session=s\n", "sso_session", "no [sso-session s]");
  expect_wrong("[profile a]\nsso_start_url=u\n", "sso_region", "missing");
}

}  // namespace
}  // namespace caprock::aws
