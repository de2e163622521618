#include "aws/credentials/sso_provider.h"

#include <sys/stat.h>

#include "aws/credentials/sso_token.h"
#include "aws/credentials/testing/provider_fixture.h"

namespace caprock::aws {
namespace {

using base::ErrorKind;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::reply;

TEST(SsoCacheName, IsTheOneOfTheAwsCli) {
  // sha1 of the session's name, as `printf my-sso | sha1sum` prints it
  EXPECT_EQ(sso_cache_name("my-sso"), "0ad374308c5a4e22f723adf10145eafad7c4031c.json");
}

class SsoProviderTest : public testing::ProviderTest {
 protected:
  SsoProviderTest() {
    serve([this](const std::string& request) {
      return request.starts_with("POST /token ") ? renewal_ : role_;
    });
  }
  std::string cache(const std::string& key, const std::string& text) const {
    return write(".aws/sso/cache/" + sso_cache_name(key), text);
  }
  static std::string token(const std::string& expires,
                           const std::string& registration = "2027-01-01T00:00:00Z") {
    return R"({"startUrl":"https://u","region":"us-east-2","accessToken":"OLD","expiresAt":")" + expires +
           R"(","clientId":"C","clientSecret":"HIDDEN","refreshToken":"R1","registrationExpiresAt":")" +
           registration + R"(","own":"kept"})";
  }
  base::Result<Fetched> ask(const std::string& session = "s") {
    return fetch(sso_provider(tools_, {session, "https://u", "us-east-2", "123456789012", "my role"}));
  }

  std::string renewal_ =
      reply(200, R"({"accessToken":"NEW","expiresIn":28800,"refreshToken":"R2","tokenType":"Bearer"})");
  std::string role_ = reply(
      200,
      R"({"roleCredentials":{"accessKeyId":"AK","secretAccessKey":"SK","sessionToken":"T","expiration":1767326645000}})");
};

TEST_F(SsoProviderTest, TokenThatHolds_IsExchangedAsItIs) {
  cache("s", token("2026-01-02T09:00:00Z"));
  const auto got = ask();
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_EQ((**got).access_key_id, "AK");
  EXPECT_EQ((**got).account_id, "123456789012");
  EXPECT_EQ((**got).expires, clock_.wall() + std::chrono::hours(1));
  EXPECT_THAT(request(0),
              HasSubstr("GET /federation/credentials?role_name=my%20role&account_id=123456789012 "));
  EXPECT_THAT(request(0), HasSubstr("x-amz-sso_bearer_token: OLD\r\n"));
}

TEST_F(SsoProviderTest, TokenNearItsEnd_IsRenewedAndWrittenBack) {
  const std::string file = cache("s", token("2026-01-02T03:10:00Z"));
  ASSERT_TRUE(ask());
  EXPECT_THAT(request(0), HasSubstr(R"("refreshToken":"R1")"));
  EXPECT_THAT(request(0), HasSubstr(R"("grantType":"refresh_token")"));
  EXPECT_THAT(request(1), HasSubstr("x-amz-sso_bearer_token: NEW\r\n"));
  const std::string written = read(file);
  EXPECT_THAT(written, HasSubstr(R"("accessToken":"NEW")"));
  EXPECT_THAT(written, HasSubstr(R"("refreshToken":"R2")"));
  EXPECT_THAT(written, HasSubstr(R"("expiresAt":"2026-01-02T11:04:05Z")"));
  EXPECT_THAT(written, HasSubstr(R"("own":"kept")"));
  struct stat about{};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(SsoProviderTest, RenewalThatFails_IsForgivenWhileTheTokenHolds) {
  renewal_ = reply(400, R"({"error":"invalid_grant"})", "x-amzn-ErrorType: InvalidGrantException\r\n");
  cache("s", token("2026-01-02T03:10:00Z"));
  EXPECT_TRUE(ask());
  cache("s", token("2026-01-02T03:00:00Z"));
  const auto refused = ask();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("aws sso login"));
  EXPECT_THAT(refused.error().message + refused.error().detail, Not(HasSubstr("HIDDEN")));
}

TEST_F(SsoProviderTest, OlderForm_IsFoundByItsUrlAndNeverRenewed) {
  cache("https://u", token("2026-01-02T03:10:00Z"));
  ASSERT_TRUE(ask(""));
  EXPECT_THAT(request(0), HasSubstr("GET /federation"));
  cache("https://u", token("2026-01-02T03:00:00Z"));
  EXPECT_THAT(ask("").error().message, HasSubstr("aws sso login"));
}

TEST_F(SsoProviderTest, NoUsableToken_SaysToLogIn) {
  EXPECT_THAT(ask().error().message, HasSubstr("aws sso login"));
  for (const char* text : {"", "{}", "[]", R"({"accessToken":"HIDDEN","expiresAt":"x"})"}) {
    cache("s", text);
    const auto refused = ask();
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message, HasSubstr("aws sso login"));
    EXPECT_THAT(refused.error().message + refused.error().detail, Not(HasSubstr("HIDDEN")));
  }
  cache("s", token("2026-01-02T03:00:00Z", "2026-01-01T00:00:00Z"));
  EXPECT_THAT(ask().error().message, HasSubstr("has expired"));
  cache("s", token("2026-01-02T09:00:00Z"));
  role_ = reply(401, R"({"message":"Session token not found or invalid"})");
  EXPECT_THAT(ask().error().message, HasSubstr("aws sso login"));
}

TEST_F(SsoProviderTest, ExchangeThatFails_IsAnError) {
  cache("s", token("2026-01-02T09:00:00Z"));
  role_ = reply(403, R"({"message":"No access"})", "x-amzn-ErrorType: ForbiddenException:http://x\r\n");
  EXPECT_THAT(ask().error().message, HasSubstr("ForbiddenException"));
  for (
      const char* body :
      {"{}", R"({"roleCredentials":{"accessKeyId":"A"}})",
       R"({"roleCredentials":{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T","expiration":"soon"}})",
       R"({"roleCredentials":{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T","expiration":-1}})"}) {
    role_ = reply(200, body);
    EXPECT_EQ(ask().error().kind, ErrorKind::kUpstream) << body;
  }
}

}  // namespace
}  // namespace caprock::aws
