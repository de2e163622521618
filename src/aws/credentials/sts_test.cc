#include "aws/credentials/assume_role_provider.h"
#include "aws/credentials/sts_request.h"
#include "aws/credentials/sts_response.h"
#include "aws/credentials/testing/provider_fixture.h"
#include "aws/credentials/web_identity_provider.h"

namespace caprock::aws {
namespace {

using base::ErrorKind;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::reply;
using testing::sts_reply;

constexpr const char* kExpiration = "2026-01-02T04:04:05Z";

std::string body_of(const std::string& reply) { return reply.substr(reply.find("\r\n\r\n") + 4); }

TEST(StsResponse, Credentials_AreRead) {
  const auto got = read_sts_credentials(body_of(sts_reply("AssumeRole", "AK", kExpiration)), "AssumeRole");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->access_key_id, "AK");
  EXPECT_EQ(got->secret_access_key.reveal(), "SECRET");
  EXPECT_EQ(got->session_token.reveal(), "TOKEN");
  EXPECT_EQ(got->account_id, "123456789012");
  EXPECT_EQ(got->expires, base::WallTime(std::chrono::seconds(1767326645)));
}

TEST(StsResponse, AnythingElse_IsAnErrorWithoutSecrets) {
  const std::string good = body_of(sts_reply("AssumeRole", "AK", kExpiration));
  const auto changed = [&](const std::string& what, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(what), what.size(), to);
  };
  for (const std::string& xml :
       {std::string(), std::string("{}"), good.substr(0, good.size() / 2),
        changed("AssumeRoleResult", "Other"), changed("<AccessKeyId>AK</AccessKeyId>", ""),
        changed("SECRET", ""), changed("TOKEN", "a\nb"), changed(kExpiration, "soon"),
        changed("<AccessKeyId>AK</AccessKeyId>",
                "<AccessKeyId>A</AccessKeyId><AccessKeyId>B</AccessKeyId>")}) {
    const auto refused = read_sts_credentials(xml, "AssumeRole");
    ASSERT_FALSE(refused) << xml;
    EXPECT_EQ(refused.error().kind, ErrorKind::kUpstream);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("SECRET")));
  }
  EXPECT_FALSE(read_sts_credentials(good, "AssumeRoleWithWebIdentity"));
}

TEST(RoleFields, AllOfARole_IsWrittenAsAwsDocuments) {
  Role role{.arn = "arn:aws:iam::1:role/r",
            .session_name = "me",
            .external_id = "x y",
            .source_identity = "who",
            .duration = std::chrono::seconds(900),
            .tags = {{"team", "a&b"}, {"cost", "1"}},
            .transitive_tags = {"team"}};
  EXPECT_EQ(
      form_encode(role_fields("AssumeRole", role, {})),
      "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=me"
      "&ExternalId=x+y&DurationSeconds=900&SourceIdentity=who&Tags.member.1.Key=team&Tags.member.1.Value=a%"
      "26b"
      "&Tags.member.2.Key=cost&Tags.member.2.Value=1&TransitiveTagKeys.member.1=team");
}

class StsTest : public testing::ProviderTest {
 protected:
  base::Result<Fetched> assume(const Role& role) {
    return fetch(assume_role_provider(tools_, testing::fake_keys(), role));
  }
  base::Result<Fetched> web(const std::string& file) {
    return fetch(web_identity_provider(
        tools_, {.role = {.arn = "arn:r", .session_name = "me", .external_id = "x"}, .token_file = file}));
  }
};

TEST_F(StsTest, AssumeRole_IsSignedForTheRegion) {
  serve([](const std::string&) { return sts_reply("AssumeRole", "AKROLE", kExpiration); });
  const auto got = assume({.arn = "arn:r"});
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_EQ((**got).access_key_id, "AKROLE");
  EXPECT_EQ((**got).source, "fake, then role 'arn:r'");
  EXPECT_THAT(request(0), HasSubstr("Credential=AKBASE/20260102/eu-west-1/sts/aws4_request"));
  EXPECT_THAT(request(0), HasSubstr("x-amz-date: 20260102T030405Z\r\n"));
  EXPECT_THAT(
      request(0),
      EndsWith("Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=caprock-1767323045"));
}

TEST_F(StsTest, RoleOfAnotherRegion_IsAskedThere) {
  serve([](const std::string&) { return sts_reply("AssumeRole", "AKROLE", kExpiration); });
  Role role{.arn = "arn:r"};
  role.region = "us-west-2";
  ASSERT_TRUE(assume(role));
  EXPECT_THAT(request(0), HasSubstr("/us-west-2/sts/aws4_request"));
}

TEST_F(StsTest, RefusalForAClockThatIsOff_IsSentOnceMoreWithTheTimeOfTheService) {
  serve([](const std::string& request) {
    const std::string date = "Date: Fri, 02 Jan 2026 04:04:05 GMT\r\n";
    if (request.find("x-amz-date: 20260102T040405Z") == std::string::npos)
      return reply(403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>",
                   date);
    return sts_reply("AssumeRole", "AKROLE", "2026-01-02T05:04:05Z");
  });
  const auto got = assume({.arn = "arn:r"});
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((**got).access_key_id, "AKROLE");
  EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(StsTest, Refusals_KeepTheCodeAndHideTheRest) {
  std::string answer;
  serve([&](const std::string&) { return answer; });
  const auto refuse = [&](int status, const std::string& code) {
    answer = reply(
        status,
        "<ErrorResponse><Error><Code>" + code + "</Code><Message>told you</Message></Error></ErrorResponse>",
        "x-amzn-RequestId: rid\r\n");
    return assume({.arn = "arn:r"}).error();
  };
  const base::Error denied = refuse(403, "AccessDenied");
  EXPECT_EQ(denied.kind, ErrorKind::kUpstream);
  EXPECT_THAT(denied.message, HasSubstr("AccessDenied"));
  EXPECT_THAT(denied.message, Not(HasSubstr("told you")));
  EXPECT_EQ(denied.detail, "told you");
  EXPECT_EQ(denied.origin.request_id, "rid");
  EXPECT_EQ(refuse(400, "IDPCommunicationError").kind, ErrorKind::kUnavailable);
  EXPECT_EQ(refuse(503, "ServiceUnavailable").kind, ErrorKind::kUnavailable);
  EXPECT_EQ(refuse(400, "ExpiredToken").kind, ErrorKind::kUpstream);
  answer = reply(502, "<html>");
  EXPECT_THAT(assume({.arn = "arn:r"}).error().message, HasSubstr("502"));
}

TEST_F(StsTest, SourceWithoutCredentials_IsNothingAndBearerIsRefused) {
  const auto none = assume_role_provider(
      tools_, std::make_unique<testing::FakeProvider>([] { return Fetched::nothing("because"); }),
      {.arn = "r"});
  EXPECT_EQ(fetch(none)->because(), "because");
  const auto bearer = assume_role_provider(tools_, std::make_unique<testing::FakeProvider>([] {
                                             Credentials made;
                                             made.bearer_token = base::Secret("b");
                                             return Fetched::some(std::move(made));
                                           }),
                                           {.arn = "r"});
  EXPECT_EQ(fetch(bearer).error().kind, ErrorKind::kInvalidArgument);
}

TEST_F(StsTest, WebIdentity_ReadsItsFileAtEveryFetchAndIsNotSigned) {
  serve([](const std::string&) { return sts_reply("AssumeRoleWithWebIdentity", "AKWEB", kExpiration); });
  const std::string file = write("token", "first.jwt\n");
  const auto got = web(file);
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_EQ((**got).access_key_id, "AKWEB");
  write("token", "second.jwt");
  ASSERT_TRUE(web(file));
  EXPECT_THAT(request(0), EndsWith("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&"
                                   "RoleSessionName=me&WebIdentityToken=first.jwt"));
  EXPECT_THAT(request(0), Not(HasSubstr("uthorization")));
  EXPECT_THAT(request(1), EndsWith("WebIdentityToken=second.jwt"));
}

TEST_F(StsTest, WebIdentityWithoutFileOrRole_IsNothingOrAnError) {
  EXPECT_FALSE(*web(""));
  EXPECT_EQ(web(folder_ / "absent").error().field, "AWS_WEB_IDENTITY_TOKEN_FILE");
  EXPECT_EQ(web(write("empty", " \n")).error().field, "AWS_WEB_IDENTITY_TOKEN_FILE");
  const auto no_role = fetch(web_identity_provider(tools_, {.role = {}, .token_file = write("token", "x")}));
  EXPECT_EQ(no_role.error().field, "AWS_ROLE_ARN");
}

}  // namespace
}  // namespace caprock::aws
