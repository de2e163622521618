#include "aws/credentials/container_provider.h"

#include "aws/credentials/testing/provider_fixture.h"

namespace caprock::aws {
namespace {

using base::ErrorKind;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::reply;

constexpr const char* kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const std::string kKeys =
    R"({"AccessKeyId":"AK","SecretAccessKey":"SK","Token":"T","Expiration":"2026-01-02T04:04:05Z","AccountId":"1"})";

TEST(ContainerUrl, RelativeUri_IsOnTheAddressOfEcsAndComesFirst) {
  EXPECT_EQ(container_url({{kRelative, "/v2/x"}, {kFull, "https://h/y"}}).value().value().text(),
            "http://169.254.170.2/v2/x");
}

TEST(ContainerUrl, FullUri_MustBeHttpsLoopbackOrKnown) {
  for (const char* good : {"https://example.com/x", "http://127.0.0.1:8080/x", "http://127.9.9.9/",
                           "http://localhost/x", "http://[::1]/x", "http://169.254.170.2/x",
                           "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials"})
    EXPECT_TRUE(container_url({{kFull, good}})) << good;
  for (const char* bad : {"http://example.com/", "http://169.254.169.254/", "http://10.0.0.1/",
                          "http://169.254.170.2.evil.com/", "http://0.0.0.0/", "ftp://127.0.0.1/", "nonsense",
                          "http://user@127.0.0.1/"}) {
    const auto refused = container_url({{kFull, bad}});
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().field, kFull) << bad;
  }
  EXPECT_EQ(container_url({{kRelative, "@evil.com/"}}).error().field, kRelative);
}

class ContainerProviderTest : public testing::ProviderTest {
 protected:
  base::Result<Fetched> ask() {
    tools_.environment[kFull] = server_->url("/creds?x=1");
    return fetch(container_provider(tools_));
  }
};

TEST_F(ContainerProviderTest, NotConfigured_IsNothing) {
  EXPECT_THAT(fetch(container_provider(tools_))->because(), HasSubstr(kFull));
}

TEST_F(ContainerProviderTest, TokenFile_IsReadAtEveryFetchAndBeatsTheVariable) {
  serve([](const std::string&) { return reply(200, kKeys); });
  tools_.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "variable";
  tools_.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = write("token", "first\n");
  const auto got = ask();
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_EQ((**got).access_key_id, "AK");
  EXPECT_EQ((**got).session_token.reveal(), "T");
  EXPECT_EQ((**got).account_id, "1");
  EXPECT_EQ((**got).expires, clock_.wall() + std::chrono::hours(1));
  write("token", "second");
  ASSERT_TRUE(ask());
  EXPECT_THAT(request(0), HasSubstr("GET /creds?x=1 HTTP/1.1"));
  EXPECT_THAT(request(0), HasSubstr("authorization: first\r\n"));
  EXPECT_THAT(request(1), HasSubstr("authorization: second\r\n"));
}

TEST_F(ContainerProviderTest, MissingTokenFile_IsAnErrorAndNothingIsSent) {
  serve([](const std::string&) { return reply(200, kKeys); });
  tools_.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder_ / "absent";
  EXPECT_EQ(ask().error().field, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  tools_.environment.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  tools_.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\r\nx: y";
  EXPECT_EQ(ask().error().field, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  EXPECT_EQ(request(0), "");
}

TEST_F(ContainerProviderTest, Failures_AreErrorsWithoutSecrets) {
  std::string answer;
  serve([&](const std::string&) { return answer; });
  answer = reply(403, R"({"code":"AccessDenied","message":"no"})");
  auto refused = ask();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUpstream);
  EXPECT_THAT(refused.error().message, HasSubstr("AccessDenied"));
  answer = reply(500, "oops");
  EXPECT_EQ(ask().error().kind, ErrorKind::kUnavailable);
  answer = reply(302, "", "Location: http://127.0.0.1/\r\n");
  EXPECT_EQ(ask().error().kind, ErrorKind::kUpstream);
  for (
      const char* body :
      {"", "[]", "{", R"({"AccessKeyId":"AK","SecretAccessKey":"HIDDEN"})",
       R"({"AccessKeyId":"AK","SecretAccessKey":"HIDDEN\r\n","Token":"T","Expiration":"2026-01-02T04:04:05Z"})",
       R"({"AccessKeyId":1,"SecretAccessKey":"HIDDEN","Token":"T","Expiration":"2026-01-02T04:04:05Z"})",
       R"({"AccessKeyId":"AK","SecretAccessKey":"HIDDEN","Token":"T","Expiration":"soon"})"}) {
    answer = reply(200, body);
    refused = ask();
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().kind, ErrorKind::kUpstream);
    EXPECT_THAT(refused.error().message + refused.error().detail, Not(HasSubstr("HIDDEN")));
  }
}

}  // namespace
}  // namespace caprock::aws
